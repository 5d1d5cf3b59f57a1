"""Forgets what only guards against repeats, when no repeat can come any more."""

from datetime import timedelta

from services.booking.store.waitlist import end_lines_before
from shared.database import idempotency
from shared.database.batches import delete_all
from shared.database.transaction import Transaction, read_app_now
from shared.messages import inbox

ANSWERS_KEPT = timedelta(days=7)
"""A client that repeats a command after a week starts anew."""
DAYS_OF_LINES = timedelta(days=2)
"""A local day is over everywhere so long after the same date in UTC."""
INBOX_KEPT = timedelta(days=90)
"""Longer than the broker keeps an event that an operator may still replay."""


def forget_old(transaction: Transaction) -> None:
    """Delete stored answers and inbox rows that are older than that, and end lines for days that are over."""
    with transaction() as connection:
        now = read_app_now(connection)
    delete_all(transaction, lambda connection: idempotency.forget_before(connection, now - ANSWERS_KEPT))
    with transaction() as connection:
        end_lines_before(connection, now.date() - DAYS_OF_LINES)
    delete_all(transaction, lambda connection: inbox.forget_before(connection, now - INBOX_KEPT))
