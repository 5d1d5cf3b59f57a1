"""Webhooks about providers' accounts that did not reach us: asked for account by account (rule W13)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError
from services.payment.store import accounts
from services.payment.usecases import webhooks
from services.payment.usecases.desk import Desk
from shared.database.transaction import read_app_now
from shared.errors import unavailable
from shared.messages import jobs
from shared.messages.jobs import Close, Job

ACCOUNT_JOB = "catch_up_account"
EVENTS_OF = timedelta(days=4)
"""Stripe tries to deliver for three days; what is older is found by looking at the payments themselves."""
MOST_ACCOUNTS = 2000
EACH = timedelta(milliseconds=200)
"""Between the accounts: five calls a second, of the 25 that Stripe takes."""


def enqueue_of_accounts(connection: Connection, desk: Desk, key: str, now: datetime) -> None:
    """A job for each account, one after the other; none where there are no accounts."""
    if not desk.open_connect().knows_accounts:
        return
    for number, account_id in enumerate(accounts.with_account(connection, MOST_ACCOUNTS)):
        payload = {"account_id": account_id}
        jobs.enqueue(connection, ACCOUNT_JOB, f"{account_id}:{key}", payload, now + number * EACH)


def catch_up_account(desk: Desk, job: Job) -> Close:
    """Store what was not delivered about one account as if it had come. Raises `unavailable`."""
    with desk.transaction() as connection:
        until = read_app_now(connection) - timedelta(seconds=desk.unsettled_seconds)
    try:
        account_id = job.payload["account_id"]
        events = desk.open_provider().undelivered_events_of(account_id, until - EVENTS_OF, until)
    except ProviderError as error:
        raise unavailable() from error

    def close(connection: Connection) -> None:
        for event in events:
            webhooks.store(connection, event)

    return close
