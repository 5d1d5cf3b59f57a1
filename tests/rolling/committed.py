"""What the services committed while the run lasted, noted by their own databases, and what came of it."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2

SNAPSHOT = Path(__file__).parents[1] / "architecture" / "queues.json"
WORKERS = ("search", "booking", "payment", "notify")
WITHOUT_INBOX = frozenset({"user_registered", "user_changed"})
"""notify keeps a copy of accounts by their version; a second delivery is older than what it has."""

BEGIN = """
SET lock_timeout = '10s';
DROP SCHEMA IF EXISTS rolling CASCADE;
CREATE SCHEMA rolling;
CREATE TABLE rolling.committed (id uuid PRIMARY KEY, routing_key text, body text, at timestamptz);
CREATE FUNCTION rolling.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = rolling
AS $$
BEGIN
    INSERT INTO rolling.committed VALUES (NEW.id, NEW.routing_key, NEW.body, clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER rolling_note AFTER INSERT ON public.outbox FOR EACH ROW EXECUTE FUNCTION rolling.note();
"""
END = "SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS rolling CASCADE"


@dataclass(frozen=True)
class CommittedEvent:
    """An event whose transaction committed; `at`: when its row was written."""

    id: str
    service: str
    name: str
    provider_id: str
    user_id: str
    data: Mapping[str, Any]
    at: datetime


class Committed:
    """A trigger beside each outbox notes what is written there, in the same transaction.

    The outbox itself forgets a row as soon as it is sent, so it can't say afterwards what there was.
    `urls`: for each service that has events, its database as the superuser.
    """

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls

    @contextmanager
    def noted(self) -> Iterator["Committed"]:
        """Within the block everything is noted; afterwards nothing is left in the databases."""
        for service in self._urls:
            self._run(service, BEGIN)
        try:
            yield self
        finally:
            for service in self._urls:
                self._run(service, END)

    def events(self) -> list[CommittedEvent]:
        """Everything noted so far, in the order of its writing."""
        found = []
        for service in self._urls:
            for event_id, key, body, at in self._run(
                service, "SELECT id::text, routing_key, body, at FROM rolling.committed"
            ):
                name, provider_id, user_id = key.split(".")
                data = json.loads(body)["data"]
                found.append(CommittedEvent(event_id, service, name, provider_id, user_id, data, at))
        return sorted(found, key=lambda event: event.at)

    def unsent(self) -> int:
        """Rows that still wait in the outboxes."""
        return sum(
            count for service in self._urls for (count,) in self._run(service, "SELECT count(*) FROM outbox")
        )

    def applied_by(self, service: str, ids: Collection[str]) -> set[str]:
        """Which of these events stand in the inbox of the service."""
        rows = self._run(
            service,
            "SELECT DISTINCT event_id::text FROM inbox WHERE event_id = ANY(%s::uuid[])",
            (list(ids),),
        )
        return {event_id for (event_id,) in rows}

    def _run(self, service: str, sql: str, values: tuple[object, ...] | None = None) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self._urls[service].replace("postgresql+psycopg2", "postgresql"))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, values)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()


def handlers() -> dict[str, set[str]]:
    """For each event by name the services whose handler notes it in an inbox, from the list of all queues."""
    found: dict[str, set[str]] = {}
    for queue, described in json.loads(SNAPSHOT.read_text(encoding="utf-8")).items():
        service, _, name = queue.partition(".")
        is_handler = any(exchange.endswith(".events") for exchange, _ in described["bindings"])
        if is_handler and service in WORKERS and name not in WITHOUT_INBOX:
            found.setdefault(name, set()).add(service)
    return found
