"""Everything that the platform has stored and queued, counted: what a refusal must not change."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from kombu.connection import Connection as BrokerConnection

from shared.contracts import booking, gateway, payment, search
from shared.contracts.declaration import EventType
from shared.messages import topology
from tests.fixtures.waiting import wait_until

DATABASES = ("search", "booking", "payment", "notify", "gateway")
HEARD: dict[str, tuple[EventType, ...]] = {
    "booking": (*search.EVENTS, *payment.EVENTS),
    "payment": (*search.EVENTS, *booking.EVENTS),
    "notify": (*booking.EVENTS, *gateway.EVENTS, *payment.EVENTS),
}

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
    """Counts rows of every table and messages of every event queue of a running stack."""

    def __init__(self, database_urls: dict[str, str], amqp_uri: str) -> None:
        self._database_urls = database_urls
        self._amqp_uri = amqp_uri

    def settled(self) -> dict[str, int]:
        """The counts once nothing is on its way: outboxes and queues are empty."""
        counts = dict[str, int]()

        def is_quiet() -> bool:
            counts.update(self.count())
            return not any(
                number
                for name, number in counts.items()
                if name.endswith(".outbox") or name.startswith("queue ")
            )

        wait_until(is_quiet, "outboxes and event queues to be empty")
        return counts

    def of_money(self) -> dict[str, int]:
        """Rows that stand for a visit, money or a request to Stripe, once nothing is on its way."""
        counts = self.settled()
        return {name: counts[name] for name in OF_MONEY}

    def count(self) -> dict[str, int]:
        return {**self._rows(), **self._messages()}

    def _rows(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for database in DATABASES:
            with _cursor(self._database_urls[database]) as cursor:
                cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                tables = [table for (table,) in cursor.fetchall() if f"{database}.{table}" not in BY_ITSELF]
                each = (f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)
                cursor.execute(" UNION ALL ".join(each))
                counts.update((f"{database}.{table}", number) for table, number in cursor.fetchall())
        return counts

    def _messages(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        with BrokerConnection(self._amqp_uri) as connection:
            for service, events in HEARD.items():
                names = [topology.handler_queue(service, event) for event in events]
                for name in (*names, topology.parked_queue(service)):
                    depth = _depth(connection, name)
                    if depth is not None:
                        counts[f"queue {name}"] = depth
        return counts


def _depth(connection: BrokerConnection, queue: str) -> int | None:
    """Messages that wait in a queue; None when nobody declared it."""
    channel = connection.channel()
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:
        return None
    finally:
        if channel.is_open:
            channel.close()


@contextmanager
def _cursor(url: str) -> Iterator["psycopg2.extensions.cursor"]:
    connection = psycopg2.connect(url.replace("postgresql+psycopg2", "postgresql"))
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
