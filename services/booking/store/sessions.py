"""Reads sessions that customers share: which seats are free, and what of each is decided already."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, TextClause, text

from services.booking.domain.booking import Booking, Place
from services.booking.domain.local_time import Interval

_SEAT = text("""
SELECT min(number) FROM generate_series(1, :seats) AS number WHERE NOT EXISTS (
    SELECT FROM allocation WHERE session_id = CAST(:session_id AS uuid) AND seat = number
)
""")

# Whoever came first of those who are in a session tells its times and its place.
_SESSION = """
SELECT allocation.session_id::text, allocation.seats, booking.place,
    lower(booking.visit) AS visit_from, upper(booking.visit) AS visit_to,
    lower(allocation.blocked) AS blocked_from, upper(allocation.blocked) AS blocked_to,
    ARRAY(
        SELECT DISTINCT every.resource_id::text FROM allocation AS every
        WHERE every.session_id = allocation.session_id
    ) AS resource_ids
FROM allocation JOIN booking ON booking.id = allocation.booking_id
WHERE {which} ORDER BY booking.created_at, booking.id LIMIT 1
"""
_SESSION_OF_ID = text(_SESSION.format(which="allocation.session_id = CAST(:session_id AS uuid)"))
_SESSION_OF_VISIT = text(
    _SESSION.format(
        which="""allocation.resource_id = CAST(:staff_id AS uuid) AND allocation.session_id IS NOT NULL
    AND allocation.blocked && tstzrange(:visit_from, :visit_to)
    AND booking.visit = tstzrange(:visit_from, :visit_to)
    AND booking.service_id = CAST(:service_id AS uuid)"""
    )
)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session with the times and the place that it has, whatever the rules of its service are by now."""

    session_id: str
    seats: int
    visit: Interval
    blocked: Interval
    place: Place
    resource_ids: frozenset[str]


def free_seat(connection: Connection, session_id: str, seats: int) -> int | None:
    """The lowest free seat; None: the session is full. Call it under `locks.lock_counted`."""
    values = {"session_id": session_id, "seats": seats}
    seat: int | None = connection.execute(_SEAT, values).scalar_one()
    return seat


def session_of_id(connection: Connection, session_id: str) -> OpenSession | None:
    """None: nobody has a seat in it any more."""
    return _session(connection, _SESSION_OF_ID, {"session_id": session_id})


def session_of_visit(connection: Connection, booking: Booking) -> OpenSession | None:
    """The session that the booking's staff has at exactly its time, of its service; None: there is none."""
    values = {
        "staff_id": booking.staff_id,
        "service_id": booking.service_id,
        "visit_from": booking.visit.start,
        "visit_to": booking.visit.end,
    }
    return _session(connection, _SESSION_OF_VISIT, values)


def _session(connection: Connection, statement: TextClause, values: dict[str, Any]) -> OpenSession | None:
    row = connection.execute(statement, values).one_or_none()
    if row is None:
        return None
    return OpenSession(
        row.session_id,
        row.seats,
        Interval(row.visit_from.astimezone(UTC), row.visit_to.astimezone(UTC)),
        Interval(row.blocked_from.astimezone(UTC), row.blocked_to.astimezone(UTC)),
        Place(row.place),
        frozenset(row.resource_ids),
    )
