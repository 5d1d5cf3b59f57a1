"""Calls the lines of days that have come into the booking window: the passing of time frees them too.

Whoever waits does so for a day that could be booked. It can leave the window, when that is made shorter or
the provider moves to another zone, and comes back by itself.
"""

from collections import defaultdict
from datetime import date, datetime

from services.booking.domain.supply import last_bookable_day
from services.booking.store.waitlist_calls import call_lines
from services.booking.store.waitlist_look import EdgeLine, lines_at_the_edge, lock_look, note_look
from shared.database.transaction import Transaction, read_app_now
from shared.telemetry.timed_work import work_found


def call_for_new_days(transaction: Transaction) -> int:
    """Call each line for a day that has become bookable since the last look; returns at how many providers.

    The look and its calls are one transaction: each day calls once, however many processes look and
    however long none did.
    """
    with transaction() as connection:
        looked_at = lock_look(connection)
        if looked_at is None:
            return 0
        now = read_app_now(connection)
        came: dict[str, list[date]] = defaultdict(list)
        for line in lines_at_the_edge(connection, looked_at, now):
            if _has_come(line, looked_at, now):
                came[line.provider_id].append(line.day)
        note_look(connection, now)
        if came:
            with work_found():
                call_lines(connection, sorted(came.items()), now)
        return len(came)


def _has_come(line: EdgeLine, looked_at: datetime, now: datetime) -> bool:
    before, after = (
        last_bookable_day(instant, line.time_zone, line.window_days) for instant in (looked_at, now)
    )
    return before < line.day <= after
