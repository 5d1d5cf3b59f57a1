"""Bookings for those who may see them (rule B11)."""

from datetime import datetime
from typing import Any

from services.booking.domain.booking import Booking
from services.booking.store.records import get_booking, list_of_customer
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.views import booking_view
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.database.transaction import Transaction
from shared.errors import not_found


def read_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """BookingSchema for its customer, its provider's members and administrators; else `not_found`."""
    with transaction() as connection:
        booking = get_booking(connection, request["booking_id"])
    if booking is None or not _may_read(caller, booking):
        raise not_found()
    return booking_view(booking)


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


def _may_read(caller: Caller, booking: Booking) -> bool:
    own = bool(caller.user_id) and caller.user_id == booking.customer_id
    return own or caller.acts_for(booking.provider_id) or caller.is_admin


def _after(cursor: str | None, query: tuple[str, str]) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    created_at, booking_id = read_cursor(cursor, query, (datetime, str))
    return created_at, booking_id


def _cursor_behind(booking: Booking, query: tuple[str, str]) -> str:
    return write_cursor(query, (booking.created_at, booking.booking_id))
