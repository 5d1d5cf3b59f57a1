"""Series for their customer (rule B11)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.series import Instance, Series
from services.booking.store.series import bookings_of, get_series, instances_of, list_of_customer
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.views import booking_view
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.database.transaction import Transaction
from shared.errors import not_found


def read_series(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """SeriesSchema for its customer. Raises `not_found`."""
    with transaction() as connection:
        return series_view(connection, own_series(connection, request["series_id"], caller))


def list_series(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """SeriesListSchema: the caller's own, newest first. Raises `cursor_invalid`."""
    customer_id, limit = customer_of(caller), request["limit"]
    query = ("list_series", customer_id)
    after = None
    if request["cursor"]:
        instant, series_id = read_cursor(request["cursor"], query, (datetime, str))
        after = (instant, series_id)
    with transaction() as connection:
        found = list_of_customer(connection, customer_id, limit + 1, after)
        page = [series_view(connection, series) for series in found[:limit]]
    behind = (found[limit - 1].created_at, found[limit - 1].series_id) if len(found) > limit else None
    return {"series": page, "next": write_cursor(query, behind) if behind else None}


def own_series(connection: Connection, series_id: str, caller: Caller) -> Series:
    """The series if the caller is its customer. Raises `not_found`."""
    series = get_series(connection, series_id)
    if series is None or series.customer_id != customer_of(caller):
        raise not_found()
    return series


def series_view(connection: Connection, series: Series) -> dict[str, Any]:
    """SeriesSchema, with each visit as it is now."""
    # Visits after instances: one that is booked, or takes another's place, in between is no riddle then.
    instances = instances_of(connection, series.series_id)
    visits = {booking.booking_id: booking for booking in bookings_of(connection, series.series_id)}
    return {
        "series_id": series.series_id,
        "provider_id": series.provider_id,
        "service_id": series.service_id,
        "rule": series.rule,
        "first_date": series.first_day.isoformat(),
        "start_time": f"{series.start_time:%H:%M}",
        "kept_at": series.kept_at,
        "created_at": series.created_at,
        "instances": [_instance_view(one, visits) for one in instances],
    }


def _instance_view(instance: Instance, visits: dict[str, Booking]) -> dict[str, Any]:
    return {
        "position": instance.position,
        "local_date": instance.day.isoformat(),
        "wanted_date": instance.wanted.day.isoformat(),
        "wanted_time": f"{instance.wanted.time:%H:%M}",
        "outcome": instance.outcome.value,
        "code": instance.code,
        "booking": booking_view(visits[instance.booking_id]) if instance.booking_id else None,
    }
