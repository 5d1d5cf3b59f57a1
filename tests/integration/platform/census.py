"""Everything that the platform has stored, counted at rest: what a refusal must not change."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg2

from deploy.local.stack import Stack
from tests.fixtures.waiting import wait_until

DATABASES = ("search", "booking", "payment", "notify", "gateway")

BY_ITSELF = frozenset({"payment.job", "booking.waitlist_call"})
"""Change whatever is asked: payment looks for what it was not told every minute, booking answers the calls
of its waiting lists one after the other."""
OF_MONEY = (
    "booking.booking",
    "booking.allocation",
    "payment.payment",
    "payment.payment_op",
    "payment.refund",
    "payment.ledger_entry",
)


class Census:
    """Counts the rows of every table of a running stack, over connections that are kept: it looks often."""

    def __init__(self, stack: Stack, connections: dict[str, "psycopg2.extensions.connection"]) -> None:
        self._stack = stack
        self._connections = connections
        self._statements = {database: self._statement(database) for database in connections}

    def settled(self) -> dict[str, int]:
        """The counts once nothing is on its way.

        What has left an outbox is in a queue or in work, and the broker counts both. What was handled between
        the two counts has left a row, so when they are equal nothing came to be on its way meanwhile.
        """
        found = self._rows()

        def is_quiet() -> bool:
            before = dict(found)
            is_told = not any(number for name, number in before.items() if name.endswith(".outbox"))
            is_handled = is_told and self._stack.undelivered_messages() == 0
            found.update(self._rows())
            return is_handled and found == before

        wait_until(is_quiet, "outboxes and queues to be empty, and nothing to be in work")
        return found

    def of_money(self) -> dict[str, int]:
        """Rows that stand for a visit, money or a request to Stripe, once nothing is on its way."""
        counts = self.settled()
        return {name: counts[name] for name in OF_MONEY}

    def _rows(self) -> dict[str, int]:
        return {
            f"{database}.{table}": number
            for database, statement in self._statements.items()
            for table, number in _read(self._connections[database], statement)
        }

    def _statement(self, database: str) -> str:
        tables = _read(
            self._connections[database], "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        names = [table for (table,) in tables if f"{database}.{table}" not in BY_ITSELF]
        return " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)


@contextmanager
def census_of(stack: Stack) -> Iterator[Census]:
    """A census with its connections, which end with the block."""
    with ExitStack() as ending:
        connections = {}
        for database in DATABASES:
            url = stack.admin_database_url(database).replace("postgresql+psycopg2", "postgresql")
            connections[database] = ending.enter_context(closing(psycopg2.connect(url)))
            connections[database].autocommit = True
        yield Census(stack, connections)


def _read(connection: "psycopg2.extensions.connection", statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
