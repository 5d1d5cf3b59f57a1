"""Forgets what only guards against repeats, when no repeat can come any more."""

from datetime import timedelta

from shared.database import idempotency
from shared.database.batches import delete_all
from shared.database.transaction import Transaction, read_app_now
from shared.messages import inbox

ANSWERS_KEPT = timedelta(days=7)
"""A client that repeats a command after a week starts anew."""
INBOX_KEPT = timedelta(days=90)
"""Longer than the broker keeps an event that an operator may still replay."""


def forget_old(transaction: Transaction) -> None:
    """Delete stored answers and inbox rows that are older than that."""
    with transaction() as connection:
        now = read_app_now(connection)
    delete_all(transaction, lambda connection: idempotency.forget_before(connection, now - ANSWERS_KEPT))
    delete_all(transaction, lambda connection: inbox.forget_before(connection, now - INBOX_KEPT))
