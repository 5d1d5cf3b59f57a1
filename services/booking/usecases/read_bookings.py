"""Bookings for those who may see them (rule B11)."""

from datetime import datetime
from typing import Any

from services.booking.domain.booking import Booking
from services.booking.store.provider_bookings import coming_of_provider, past_of_provider
from services.booking.store.records import get_booking, list_of_customer
from services.booking.usecases.booking_details import detail_view
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.viewers import view_for
from services.booking.usecases.views import booking_view
from shared.contracts.booking_list_forms import Visits
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found

_VISITS = {Visits.COMING: coming_of_provider, Visits.PAST: past_of_provider}


def read_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """BookingDetailSchema for its customer, its provider's members and administrators; else `not_found`.

    Each of them sees of the care what they may see.
    """
    with transaction() as connection:
        booking = get_booking(connection, request["booking_id"])
        if booking is None or not may_read(caller, booking):
            raise not_found()
        return detail_view(connection, booking, caller)


def list_bookings(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """BookingsSchema: the caller's own, newest first. Raises `cursor_invalid`."""
    customer_id, limit = customer_of(caller), request["limit"]
    query = ("list_bookings", customer_id)
    after = _after(request["cursor"], query)
    with transaction() as connection:
        found = list_of_customer(connection, customer_id, limit + 1, after)
    page = found[:limit]
    return {
        "bookings": [booking_view(booking) for booking in page],
        "next": _cursor_behind(page[-1], query) if len(found) > limit else None,
    }


def list_provider_bookings(
    transaction: Transaction, request: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """BookingsSchema: what is to come, the next first, or what is over, the last first; with the customer's
    notes for those who are told where to go.

    Raises `not_found` unless the caller acts for the provider or administers, `cursor_invalid`.
    """
    provider_id, limit, visits = request["provider_id"], request["limit"], Visits(request["visits"])
    if not (caller.acts_for(provider_id) or caller.is_admin):
        raise not_found()
    query = ("list_provider_bookings", provider_id, visits.value)
    after = _after(request["cursor"], query)
    with transaction() as connection:
        now = read_app_now(connection)
        found = _VISITS[visits](connection, provider_id, now, limit + 1, after)
    page = found[:limit]
    behind = (page[-1].visit.start, page[-1].booking_id) if len(found) > limit else None
    return {
        "bookings": [view_for(booking, caller) for booking in page],
        "next": write_cursor(query, behind) if behind else None,
    }


def may_read(caller: Caller, booking: Booking) -> bool:
    """Whether they are its customer, act for its provider, or administer."""
    own = bool(caller.user_id) and caller.user_id == booking.customer_id
    return own or caller.acts_for(booking.provider_id) or caller.is_admin


def _after(cursor: str | None, query: tuple[str, ...]) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    instant, booking_id = read_cursor(cursor, query, (datetime, str))
    return instant, booking_id


def _cursor_behind(booking: Booking, query: tuple[str, str]) -> str:
    return write_cursor(query, (booking.created_at, booking.booking_id))
