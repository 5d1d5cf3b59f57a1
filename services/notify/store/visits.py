"""The copy of bookings."""

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.notify.store.tables import visit

# Made once: to put a statement together costs as much as to run it.
_NEW = insert(visit)
_PUT = _NEW.on_conflict_do_update(
    constraint="pk_visit",
    set_={"version": _NEW.excluded.version, "facts": _NEW.excluded.facts},
    where=visit.c.version < _NEW.excluded.version,
)


def put(connection: Connection, booking_id: str, version: int, facts: dict[str, Any]) -> None:
    """Keep the facts; an older version than the one that is kept changes nothing."""
    connection.execute(_PUT, {"booking_id": booking_id, "version": version, "facts": facts})


def version_of(connection: Connection, booking_id: str) -> int:
    """Of the booking's newest event that was kept; 0 before the first."""
    query = select(visit.c.version).where(visit.c.booking_id == booking_id)
    return connection.execute(query).scalar_one_or_none() or 0


def get(connection: Connection, booking_id: str) -> dict[str, Any] | None:
    query = select(visit.c.facts).where(visit.c.booking_id == booking_id)
    facts: dict[str, Any] | None = connection.execute(query).scalar_one_or_none()
    return facts
