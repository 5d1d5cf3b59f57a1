"""Finds future visits whose local time is no longer the one that was agreed (rule T5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import local_instant
from services.booking.store.records import future_bookings
from shared.database.transaction import Transaction, read_app_now

BATCH = 500


@dataclass(frozen=True, slots=True)
class MovedTime:
    """A visit keeps its instant; the clock on the wall would now show another time then."""

    booking: Booking
    agreed: datetime
    shown: datetime


def find_moved_times(transaction: Transaction) -> Iterator[MovedTime]:
    """Future visits whose zone has changed its offsets since they were booked; for an operator, who
    asks the people concerned what they meant. Nothing is changed here."""
    after: tuple[datetime, str] | None = None
    while True:
        with transaction() as connection:
            bookings = future_bookings(connection, read_app_now(connection), BATCH, after)
        for booking in bookings:
            shown = local_instant(booking.visit.start, booking.time_zone).local
            if shown != booking.start.local:
                yield MovedTime(booking, booking.start.local, shown)
        if len(bookings) < BATCH:
            return
        after = (bookings[-1].visit.start, bookings[-1].booking_id)
