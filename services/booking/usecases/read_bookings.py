"""Bookings for those who may see them (rule B11)."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from services.booking.domain.booking import Booking
from services.booking.store.records import get_booking, list_of_customer
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.views import booking_view
from shared import clock
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction
from shared.errors import cursor_invalid, not_found
from shared.ids import is_id


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
    after = _read_cursor(request["cursor"]) if request["cursor"] else None
    with transaction() as connection:
        found = list_of_customer(connection, customer_id, limit + 1, after)
    page = found[:limit]
    return {
        "bookings": [booking_view(booking) for booking in page],
        "next": _cursor(page[-1]) if len(found) > limit else None,
    }


def _may_read(caller: Caller, booking: Booking) -> bool:
    own = bool(caller.user_id) and caller.user_id == booking.customer_id
    return own or caller.acts_for(booking.provider_id) or caller.is_admin


def _cursor(booking: Booking) -> str:
    key = json.dumps([clock.to_text(booking.created_at), booking.booking_id])
    return base64.urlsafe_b64encode(key.encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        created_at, booking_id = json.loads(base64.urlsafe_b64decode(cursor))
        instant = clock.from_text(created_at)
    except (binascii.Error, ValueError, TypeError):
        raise cursor_invalid() from None
    if not is_id(booking_id):
        raise cursor_invalid()
    return instant, booking_id
