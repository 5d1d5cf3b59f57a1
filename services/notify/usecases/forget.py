"""Forgets what only guards against repeats, when no repeat can come any more."""

from datetime import timedelta

from shared.database.batches import delete_all
from shared.database.transaction import Transaction, read_app_now
from shared.messages import inbox

RECEIVED_KEPT = timedelta(days=90)
"""Longer than the broker keeps an event that an operator may still replay."""


def forget_old(transaction: Transaction) -> None:
    """Delete the notes of events that were received so long ago."""
    with transaction() as connection:
        until = read_app_now(connection) - RECEIVED_KEPT
    delete_all(transaction, lambda connection: inbox.forget_before(connection, until))
