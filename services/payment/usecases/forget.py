"""Forgets what only guards against repeats, when no repeat can come any more."""

from datetime import timedelta

from services.payment.usecases.desk import Desk
from shared.database import idempotency
from shared.database.batches import delete_all
from shared.database.transaction import read_app_now
from shared.messages import inbox, jobs

JOBS_KEPT = timedelta(days=30)
"""What is done; an event that asks for it again finds the payment settled, a webhook is known."""
INBOX_KEPT = timedelta(days=90)
"""Longer than the broker keeps an event that an operator may still replay."""
ANSWERS_KEPT = timedelta(days=7)
"""Of administrators' commands, by their keys; a refund remembers its own."""


def forget_old(desk: Desk) -> None:
    """Delete jobs that are done and inbox rows that are older than that. Parked jobs stay."""
    with desk.transaction() as connection:
        now = read_app_now(connection)
    delete_all(desk.transaction, lambda connection: jobs.forget_done_before(connection, now - JOBS_KEPT))
    delete_all(desk.transaction, lambda connection: inbox.forget_before(connection, now - INBOX_KEPT))
    delete_all(desk.transaction, lambda connection: idempotency.forget_before(connection, now - ANSWERS_KEPT))
