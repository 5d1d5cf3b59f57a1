"""How often payment goes to its database on the paths that must be fast; each way costs milliseconds."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.webhooks import receive_webhook
from shared.database.transaction import Database
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.test_webhooks import about, signed

MOST_TO_PAY = (13, 5)
MOST_TO_STORE = (1, 1)


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """What goes to the database meanwhile: 'statement' or 'commit' for each."""
    heard: list[str] = []

    def statement(*_: Any) -> None:
        heard.append("statement")

    def commit(*_: Any) -> None:
        heard.append("commit")

    event.listen(database._engine, "before_cursor_execute", statement)
    event.listen(database._engine, "commit", commit)
    try:
        yield heard
    finally:
        event.remove(database._engine, "before_cursor_execute", statement)
        event.remove(database._engine, "commit", commit)


def test_a_payment_takes_few_ways_to_the_database(desk: Desk, bookings: Bookings, database: Database) -> None:
    """promise D1: what must be committed before a call to Stripe goes with what its last answer changed."""
    booked = bookings.hold()
    with counting(database) as heard:
        process_payment(desk, booked.request(), booked.customer)
    assert (heard.count("statement"), heard.count("commit")) <= MOST_TO_PAY
    assert heard.count("commit") <= MOST_TO_PAY[1]


def test_a_webhook_is_stored_in_one_transaction(desk: Desk, database: Database) -> None:
    """promise D4: kept with its job, and nothing is looked at meanwhile."""
    body = about("pi_1")
    with counting(database) as heard:
        receive_webhook(desk, base64.b64encode(body).decode(), signed(body))
    assert (heard.count("statement"), heard.count("commit")) <= MOST_TO_STORE
    assert heard.count("commit") == MOST_TO_STORE[1]
