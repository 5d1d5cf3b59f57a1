"""How often payment goes to its database on the paths that must be fast; each way costs milliseconds."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.webhooks import receive_webhook
from shared.database import session
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.test_webhooks import about, signed

MOST_TO_PAY = (12, 3)
MOST_TO_STORE = (1, 1)


@contextmanager
def counting() -> Iterator[list[str]]:
    """The trips to the database meanwhile: 'statement' or 'commit' for each."""
    heard: list[str] = []
    execute, commit = session._Cursor.execute, session.Session.commit

    def statement(cursor: session._Cursor, *arguments: Any) -> None:
        heard.append("statement")
        execute(cursor, *arguments)

    def ending(connection: session.Session) -> None:
        if connection.get_transaction_status() or connection._unread:
            heard.append("commit")
        commit(connection)

    with (
        mock.patch.object(session._Cursor, "execute", statement),
        mock.patch.object(session.Session, "commit", ending),
    ):
        yield heard


def test_a_payment_takes_few_ways_to_the_database(desk: Desk, bookings: Bookings) -> None:
    """promise D1: what must be committed before a call to Stripe goes with what its last answer changed."""
    for _ in range(2):  # the first one prepares what the session keeps
        booked = bookings.hold()
        with counting() as heard:
            process_payment(desk, booked.request(), booked.customer)
    assert (heard.count("statement"), heard.count("commit")) <= MOST_TO_PAY
    assert heard.count("commit") <= MOST_TO_PAY[1]


def test_a_webhook_is_stored_in_one_transaction(desk: Desk) -> None:
    """promise D4: kept with its job, and nothing is looked at meanwhile."""
    body = about("pi_1")
    with counting() as heard:
        receive_webhook(desk, base64.b64encode(body).decode(), signed(body))
    assert (heard.count("statement"), heard.count("commit")) <= MOST_TO_STORE
    assert heard.count("commit") == MOST_TO_STORE[1]
