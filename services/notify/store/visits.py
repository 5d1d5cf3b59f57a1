"""The copy of bookings."""

import json
from typing import Any

from sqlalchemy import Connection, select

from services.notify.store.tables import visit
from shared.database.session import send_with_next, unread

_PUT = unread(
    """
INSERT INTO visit (booking_id, version, facts) VALUES (%(booking_id)s, %(version)s, %(facts)s)
ON CONFLICT ON CONSTRAINT pk_visit DO UPDATE SET version = excluded.version, facts = excluded.facts
    WHERE visit.version < excluded.version
""",
    booking_id="uuid",
    version="bigint",
    facts="jsonb",
)


def put(connection: Connection, booking_id: str, version: int, facts: dict[str, Any]) -> None:
    """Keep the facts; an older version than the one that is kept changes nothing."""
    values = {"booking_id": booking_id, "version": version, "facts": json.dumps(facts)}
    send_with_next(connection, _PUT, values)


def version_of(connection: Connection, booking_id: str) -> int:
    """Of the booking's newest event that was kept; 0 before the first."""
    query = select(visit.c.version).where(visit.c.booking_id == booking_id)
    return connection.execute(query).scalar_one_or_none() or 0


def get(connection: Connection, booking_id: str) -> dict[str, Any] | None:
    query = select(visit.c.facts).where(visit.c.booking_id == booking_id)
    facts: dict[str, Any] | None = connection.execute(query).scalar_one_or_none()
    return facts
