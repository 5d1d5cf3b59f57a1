"""Tells customers in time which visits of a kept series are to be paid (promise C6)."""

from datetime import datetime

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, note
from services.booking.domain.series import TOLD_BEFORE
from services.booking.domain.states import Actor, Change, Reason
from services.booking.store.bookings import record
from services.booking.store.due_bookings import SWEEP_BATCH, lock_to_tell_payment_due
from services.booking.usecases.announcements import announce, booking_event
from shared.contracts.booking_series import BOOKING_PAYMENT_DUE
from shared.database.transaction import Transaction, read_app_now
from shared.telemetry.timed_work import work_found


def tell_payment_due(transaction: Transaction) -> int:
    """Once for each visit whose hold ends within a day; returns how many. That it was told stands in its
    history, in the commit that tells it; what is paid, or being paid, is not told.

    Safe in several processes at once: each takes other rows.
    """
    told = 0
    while True:
        with transaction() as connection:
            now = read_app_now(connection)
            unpaid = lock_to_tell_payment_due(connection, now, now + TOLD_BEFORE)
            if unpaid:
                with work_found():
                    _tell(connection, unpaid, now)
        told += len(unpaid)
        if len(unpaid) < SWEEP_BATCH:
            return told


def _tell(connection: Connection, unpaid: list[Booking], now: datetime) -> None:
    change = Change(Actor.SYSTEM, None, Reason.PAYMENT_DUE, now)
    for booking in unpaid:
        record(connection, booking, note(booking), change)
    announce(connection, [booking_event(BOOKING_PAYMENT_DUE, note(booking), now) for booking in unpaid])
