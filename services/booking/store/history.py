"""Reads what became of a booking, change by change, and as what each left it."""

from datetime import UTC
from typing import Any

from sqlalchemy import ARRAY, Connection, DateTime, Row, String, Uuid, select, text
from sqlalchemy.dialects.postgresql import TSTZRANGE

from services.booking.domain.booking import Booking
from services.booking.domain.past import PastChange
from services.booking.store.facts import known_members
from services.booking.store.records import to_booking
from services.booking.store.tables import booking, booking_history

_RANGES = ("visit", "blocked")
_ENDS = ("visit_from", "visit_to", "blocked_from", "blocked_to")

# The facts are laid over the booking of today: what they do not keep is taken from there.
_AFTER = text("""
SELECT past.*, lower(past.visit) AS visit_from, upper(past.visit) AS visit_to,
    lower(past.blocked) AS blocked_from, upper(past.blocked) AS blocked_to,
    ARRAY(SELECT CAST(jsonb_array_elements_text(history.facts -> 'further_ids') AS uuid)) AS further_ids,
    ARRAY(SELECT jsonb_object_keys(history.facts)) AS known
FROM booking
JOIN booking_history AS history ON history.booking_id = booking.id AND history.version = :version
CROSS JOIN LATERAL jsonb_populate_record(booking, history.facts) AS past
WHERE booking.id = CAST(:id AS uuid) AND history.facts IS NOT NULL
""").columns(
    **{column.name: column.type for column in booking.c if column.name not in _RANGES},
    **dict.fromkeys(_ENDS, DateTime(timezone=True)),
    further_ids=ARRAY(Uuid(as_uuid=False)),
    known=ARRAY(String),
)


def history_of(connection: Connection, booking_id: str) -> list[PastChange]:
    """Every change, the first first; few bookings have more than ten."""
    table = booking_history
    query = (
        select(
            *(table.c[name] for name in ("version", "from_state", "to_state", "actor", "actor_id")),
            *(table.c[name] for name in ("reason", "note", "at")),
            table.c.facts["visit"].astext.cast(TSTZRANGE).label("visit"),
            table.c.facts["staff_id"].astext.label("staff_id"),
        )
        .where(table.c.booking_id == booking_id)
        .order_by(table.c.version)
    )
    return [_to_change(row) for row in connection.execute(query)]


def booking_after(
    connection: Connection, booking_id: str, version: int
) -> tuple[Booking, tuple[str, ...]] | None:
    """The booking as this change left it, and the members of which that was not kept; None: nothing was."""
    row = connection.execute(_AFTER, {"id": booking_id, "version": version}).one_or_none()
    if row is None:
        return None
    return to_booking(row), tuple(sorted(known_members() - set(row.known)))


def _to_change(row: Row[*tuple[Any, ...]]) -> PastChange:
    return PastChange(
        version=row.version,
        from_state=row.from_state,
        to_state=row.to_state,
        actor=row.actor,
        actor_id=row.actor_id,
        reason=row.reason,
        note=row.note,
        at=row.at.astimezone(UTC),
        starts_at=row.visit.lower.astimezone(UTC) if row.visit else None,
        staff_id=row.staff_id,
    )
