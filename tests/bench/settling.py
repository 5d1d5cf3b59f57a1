"""Waits until what a round has caused is done: events sent, handled, and nothing left in a queue."""

import json
import time
from typing import Any

import psycopg2
from amqp.exceptions import NotFound
from kombu.connection import Connection

from deploy.local.instance import SERVICES
from deploy.local.stack import Stack
from tests.rolling.committed import SNAPSHOT

LONGEST_SECONDS = 60.0
LOOK_SECONDS = 0.02


class Settling:
    """Looks at outboxes and queues through connections that it keeps: cheaper than asking the programs."""

    def __init__(self, stack: Stack) -> None:
        self._databases = [_connect(stack.admin_database_url(service)) for service in SERVICES]
        self._channel = Connection(stack.amqp_uri).channel()
        described = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
        self._queues = [
            name
            for name, queue in described.items()
            if any(exchange.endswith(".events") for exchange, _ in queue["bindings"])
        ]

    def wait(self) -> None:
        """Return when nothing waits any more. Raises AssertionError after a minute."""
        end = time.monotonic() + LONGEST_SECONDS
        while self._unsent() or self._waiting() or self._unsent():
            assert time.monotonic() < end, "events still wait"
            time.sleep(LOOK_SECONDS)

    def _unsent(self) -> bool:
        for database in self._databases:
            with database.cursor() as cursor:
                cursor.execute("SELECT EXISTS (SELECT FROM outbox)")
                if cursor.fetchone()[0]:
                    return True
        return False

    def _waiting(self) -> bool:
        for name in list(self._queues):
            try:
                if self._channel.queue_declare(name, passive=True).message_count:
                    return True
            except NotFound:
                self._queues.remove(name)
        return False


def _connect(url: str) -> Any:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    connection.autocommit = True
    return connection
