"""Rebuilds a booking as it was at an instant, and says by which changes it had become so (promise C4)."""

from datetime import datetime

from services.booking.domain.past import PastBooking, changes_by
from services.booking.store.facts import known_members
from services.booking.store.history import booking_after, history_of
from services.booking.store.records import get_booking
from shared.database.transaction import Transaction, read_app_now


def rebuild(transaction: Transaction, booking_id: str, instant: datetime | None = None) -> PastBooking | None:
    """The booking as of then, of now when no instant is given; None: it was not there."""
    with transaction() as connection:
        changes = changes_by(
            history_of(connection, booking_id), instant if instant is not None else read_app_now(connection)
        )
        if not changes:
            return None
        kept = booking_after(connection, booking_id, changes[-1].version)
        if kept is not None:
            return PastBooking(changes, *kept)
        today = get_booking(connection, booking_id)
    if today is not None and today.version == changes[-1].version:
        return PastBooking(changes, today)
    return PastBooking(changes, None, tuple(sorted(known_members())))
