"""Agreed visits for calendars: one for a file, many for a feed (promise C8, rule B11)."""

from datetime import timedelta
from typing import Any

from services.booking.store.visits import (
    Span,
    Visit,
    Workplace,
    find_visit,
    visits_at,
    visits_of_customer,
)
from services.booking.usecases.refusals import customer_of
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found

KEPT_BACK = timedelta(days=30)
AHEAD = timedelta(days=400)
PAST_VISITS = 100
COMING_VISITS = 500
"""The last and the next so many, of the own and of those at work: what a calendar shows of a busy
provider for weeks, and a feed stays small enough to be asked for every few minutes."""


def get_visit(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """VisitSchema for its customer, its provider's members and administrators; else `not_found`."""
    with transaction() as connection:
        visit = find_visit(connection, request["booking_id"])
    if visit is None or not _may_read(caller, visit):
        raise not_found()
    return _view(visit)


def list_visits(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """VisitsSchema: the caller's own and those at the workplaces, each once.

    Raises `not_found` for a workplace that is not the caller's.
    """
    customer_id = customer_of(caller)
    workplaces = [Workplace(place["provider_id"], place["staff_id"]) for place in request["workplaces"]]
    if not all(caller.acts_for(place.provider_id) for place in workplaces):
        raise not_found()
    with transaction() as connection:
        now = read_app_now(connection)
        span = Span(now - KEPT_BACK, now, now + AHEAD, PAST_VISITS, COMING_VISITS)
        found = visits_of_customer(connection, customer_id, span)
        if workplaces:
            found += visits_at(connection, workplaces, span)
    each = {visit.booking_id: visit for visit in found}
    ordered = sorted(each.values(), key=lambda visit: (visit.starts_at, visit.booking_id))
    return {"visits": [_view(visit) for visit in ordered]}


def _may_read(caller: Caller, visit: Visit) -> bool:
    own = bool(caller.user_id) and caller.user_id == visit.customer_id
    return own or caller.acts_for(visit.provider_id) or caller.is_admin


def _view(visit: Visit) -> dict[str, Any]:
    """VisitSchema. The local time is the one that was agreed, in the zone of that time (rule T13)."""
    return {
        "booking_id": visit.booking_id,
        "version": visit.version,
        "state": visit.state,
        "provider_id": visit.provider_id,
        "service_name": dict(visit.service_name),
        "staff_name": dict(visit.staff_name) if visit.staff_name else None,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "time_zone": visit.time_zone,
        "local_date": visit.local_start.date().isoformat(),
        "local_time": f"{visit.local_start:%H:%M}",
        "utc_offset": visit.utc_offset,
        "created_at": visit.created_at,
        "changed_at": visit.changed_at,
    }
