"""The relay's side of the outbox: lease, next rows, deletion, LISTEN and NOTIFY on one connection."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg2
from sqlalchemy import make_url

from shared.database.engine import connect_arguments

CHANNEL = "outbox"
"""Notified, without payload, when a process that doesn't hold the lease has committed events."""
LEASE_SECONDS = 5
"""A holder that renews no longer than this is replaced; if it only slept, events are sent twice."""
LEASE_NAME = "outbox"

# Prepared in the session: the plan takes longer than what it is for.
_PREPARE = f"""
PREPARE take (text, integer) AS
WITH lease AS (
    INSERT INTO relay_lease (name, holder, until)
    VALUES ('{LEASE_NAME}', $1, app_now() + interval '{LEASE_SECONDS} seconds')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE relay_lease.holder = excluded.holder OR relay_lease.until < app_now()
    RETURNING name
)
SELECT event.* FROM lease LEFT JOIN (
    SELECT id::text, routing_key, body, trace, extract(epoch FROM app_now() - created_at)::float AS age
    FROM outbox ORDER BY outbox.id LIMIT $2
) AS event ON true;
PREPARE delete (uuid[]) AS DELETE FROM outbox WHERE id = ANY ($1)
"""


@dataclass(frozen=True)
class OutboxRow:
    """An event that waits to be sent; `age_seconds` since its transaction wrote it."""

    id: str
    routing_key: str
    body: str
    trace: dict[str, str]
    age_seconds: float

    @property
    def event(self) -> str:
        """The event's name, with which its routing key begins."""
        return self.routing_key.partition(".")[0]


class OutboxStore:
    """One session in autocommit: nothing is locked while the relay talks to the broker.

    All methods raise psycopg2.Error; after that, `close` and `open` again.
    """

    def __init__(self, database_url: str, holder: str) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self._dsn = url.render_as_string(hide_password=False)
        self._holder = holder
        self._connection: Any = None

    def open(self) -> None:
        """Connect and listen.

        The session keeps the true time even when a test moves the database's clock: leases are
        between processes. It doesn't wait for the disk either: a deletion that a crash undoes is
        an event sent twice, which the inbox absorbs. And it never sorts: its plans are made while the
        outbox is empty, and have to be right when a broker that was away has left it full.
        """
        self._connection = psycopg2.connect(self._dsn, **connect_arguments(f"relay {self._holder}"))
        self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute("SET app.clock_offset = '0'; SET synchronous_commit = off; SET enable_sort = off")
            cursor.execute(f"LISTEN {CHANNEL}")
            cursor.execute(_PREPARE)

    def take(self, limit: int) -> list[OutboxRow] | None:
        """Take or renew the lease and read the oldest rows; None when another process holds it."""
        with self._connection.cursor() as cursor:
            cursor.execute("EXECUTE take (%s, %s)", (self._holder, limit))
            rows = cursor.fetchall()
        if not rows:
            return None
        return [OutboxRow(*row) for row in rows if row[0] is not None]

    def delete(self, ids: Collection[str]) -> None:
        """Delete rows that the broker has confirmed."""
        with self._connection.cursor() as cursor:
            cursor.execute("EXECUTE delete (%s::uuid[])", (list(ids),))

    def notify(self) -> None:
        """Wake the relay of the process that holds the lease."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")

    def release(self) -> None:
        """Give the lease back and tell it, so that another process takes over at once."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM relay_lease WHERE name = %s AND holder = %s", (LEASE_NAME, self._holder)
            )
            if cursor.rowcount:
                cursor.execute(f"NOTIFY {CHANNEL}")

    def fileno(self) -> int:
        """For select: readable when a notification is there, or the connection is gone."""
        return int(self._connection.fileno())

    def is_notified(self) -> bool:
        """Whether a notification came with the answer to a statement: select does not see it any more."""
        return bool(self._connection.notifies)

    def read_notifications(self) -> None:
        """Take note of what select saw; what it says is 'look', and the relay looks anyway."""
        self._connection.poll()
        self._connection.notifies.clear()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg2.Error):
                connection.close()
