"""Completes visits that are long over and of which nobody said anything else (promise C4)."""

from datetime import timedelta

from services.booking.domain.states import Actor, Change, Reason
from services.booking.store.due_bookings import SWEEP_BATCH, lock_over
from services.booking.usecases.endings import record_completion
from shared.database.transaction import Transaction, read_app_now
from shared.telemetry.timed_work import work_found


def complete_overdue(transaction: Transaction, grace: timedelta) -> int:
    """Every visit that ended so long ago took place, unless it was said otherwise; returns how many.

    Safe in several processes at once: each takes other rows.
    """
    completed = 0
    while True:
        with transaction() as connection:
            now = read_app_now(connection)
            over = lock_over(connection, now - grace)
            change = Change(Actor.SYSTEM, None, Reason.NOBODY_OBJECTED, now)
            if over:
                with work_found():
                    for booking in over:
                        record_completion(connection, booking, change)
        completed += len(over)
        if len(over) < SWEEP_BATCH:
            return completed
