"""An event whose handler fails for good is parked, listed, replayed and applied once."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2

from deploy.local.stack import Stack
from tests.fixtures.command import output_of
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import Market

INBOX_TABLE = "notification"


def _run(stack: Stack, *arguments: str) -> str:
    command = [sys.executable, "-m", "shared.messages.dead_letters", *arguments]
    return output_of(command, env={**os.environ, "AMQP_URI": stack.amqp_uri})


@contextmanager
def _broken_inbox(stack: Stack) -> Iterator[None]:
    """Within the block, every handler of notify fails: its table has another name."""
    _rename(stack, INBOX_TABLE, "away")
    try:
        yield
    finally:
        _rename(stack, "away", INBOX_TABLE)


def _rename(stack: Stack, old: str, new: str) -> None:
    connection = psycopg2.connect(
        stack.admin_database_url("notify").replace("postgresql+psycopg2", "postgresql")
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")
    finally:
        connection.close()


def _inbox(customer: Customer) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = customer.get("notifications").json()["data"]["notifications"]
    return entries


def test_a_parked_event_is_listed_replayed_and_applied_once(
    stack: Stack, market: Market, customer: Customer
) -> None:
    """promise E6: retried with back-off, then kept where an operator sees and replays it."""
    with _broken_inbox(stack):
        booking_id = market.hold(customer)["bookingId"]
        wait_until(
            lambda: "booking_held" in _run(stack, "list", "--service", "notify"),
            "the event to be parked",
            seconds=40,
            poll=0.5,
        )
    assert _inbox(customer) == []
    _run(stack, "replay", "--service", "notify")
    wait_until(lambda: _inbox(customer), "the replayed event to be applied")
    entries = _inbox(customer)
    assert [entry["bookingId"] for entry in entries if entry["kind"] == "booking_held"] == [booking_id]
    assert "booking_held" not in _run(stack, "list", "--service", "notify")
