"""Reads who and what is free for a visit, and how many slots somebody holds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from services.booking.domain.local_time import Interval

# Who has fewest visits that day comes first; of those, who has had none for longest.
_RANKED = text("""
SELECT candidate.id::text AS staff_id, NOT EXISTS (
    SELECT FROM allocation WHERE allocation.resource_id = candidate.id
        AND allocation.blocked && tstzrange(:blocked_from, :blocked_to)
) AS is_free
FROM unnest(CAST(:staff_ids AS uuid[])) AS candidate (id)
CROSS JOIN LATERAL (
    SELECT count(DISTINCT start) AS visits FROM (
        SELECT lower(visit) AS start FROM booking
        WHERE staff_id = candidate.id AND state NOT IN ('cancelled', 'expired')
            AND lower(visit) >= :day_from AND lower(visit) < :day_to
        UNION ALL
        SELECT further.starts_at FROM further_resource AS further
        JOIN booking ON booking.id = further.booking_id AND booking.state NOT IN ('cancelled', 'expired')
        WHERE further.resource_id = candidate.id
            AND further.starts_at >= :day_from AND further.starts_at < :day_to
    ) AS starts
) AS of_day
CROSS JOIN LATERAL (
    SELECT max(ended) AS ended FROM (
        (SELECT upper(visit) AS ended FROM booking
        WHERE staff_id = candidate.id AND state NOT IN ('cancelled', 'expired') AND lower(visit) < :start
        ORDER BY lower(visit) DESC LIMIT 1)
        UNION ALL
        (SELECT upper(booking.visit) FROM further_resource AS further
        JOIN booking ON booking.id = further.booking_id AND booking.state NOT IN ('cancelled', 'expired')
        WHERE further.resource_id = candidate.id AND further.starts_at < :start
        ORDER BY further.starts_at DESC LIMIT 1)
    ) AS visits
) AS before
ORDER BY of_day.visits, before.ended NULLS FIRST, candidate.id
""")

_FREE_UNITS = text("""
SELECT unit.id::text FROM unnest(CAST(:unit_ids AS uuid[])) AS unit (id)
WHERE NOT EXISTS (
    SELECT FROM allocation WHERE allocation.resource_id = unit.id
        AND allocation.blocked && tstzrange(:blocked_from, :blocked_to)
)
""")

_SEAT = text("""
SELECT min(number) FROM generate_series(1, :seats) AS number WHERE NOT EXISTS (
    SELECT FROM allocation WHERE session_id = CAST(:session_id AS uuid) AND seat = number
)
""")

_OF_SESSION = text("""
SELECT DISTINCT resource_id::text FROM allocation WHERE session_id = CAST(:session_id AS uuid)
""")

_LIVE_HOLDS = text("""
SELECT
    (SELECT count(*) FROM booking WHERE customer_id = CAST(:customer_id AS uuid)
        AND state = 'pending' AND greatest(hold_ends_at, processing_until) > :now) AS of_customer,
    (SELECT count(*) FROM booking WHERE held_from = :held_from
        AND state = 'pending' AND greatest(hold_ends_at, processing_until) > :now) AS of_address
""")


@dataclass(frozen=True, slots=True)
class LiveHolds:
    """How many slots are held at this moment."""

    of_customer: int
    of_address: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the staff, and whether nothing is in the way of the visit at this moment."""

    staff_id: str
    is_free: bool


def ranked(
    connection: Connection, staff_ids: Collection[str], blocked: Interval, day: Interval, start: datetime
) -> list[Candidate]:
    """The staff by how many visits they have that day, then by who has been idle for longest.

    So that 'anyone' spreads the work (rule C11).
    """
    values = {
        "staff_ids": list(staff_ids),
        "blocked_from": blocked.start,
        "blocked_to": blocked.end,
        "day_from": day.start,
        "day_to": day.end,
        "start": start,
    }
    return [Candidate(row.staff_id, row.is_free) for row in connection.execute(_RANKED, values)]


def free_units(connection: Connection, unit_ids: Collection[str], blocked: Interval) -> set[str]:
    """Rooms and equipment that nothing occupies in that time."""
    values = {"unit_ids": list(unit_ids), "blocked_from": blocked.start, "blocked_to": blocked.end}
    return set(connection.execute(_FREE_UNITS, values).scalars())


def free_seat(connection: Connection, session_id: str, seats: int) -> int | None:
    """The lowest free seat; None: the session is full. Call it under `locks.lock_counted`."""
    values = {"session_id": session_id, "seats": seats}
    seat: int | None = connection.execute(_SEAT, values).scalar_one()
    return seat


def resources_of_session(connection: Connection, session_id: str) -> set[str]:
    """Whom and what a session occupies."""
    return set(connection.execute(_OF_SESSION, {"session_id": session_id}).scalars())


def count_live_holds(
    connection: Connection, customer_id: str, held_from: str | None, now: datetime
) -> LiveHolds:
    """Call it under `locks.share_supply_and_lock_holders`, else two at once count the same."""
    row = connection.execute(
        _LIVE_HOLDS, {"customer_id": customer_id, "held_from": held_from, "now": now}
    ).one()
    return LiveHolds(row.of_customer, row.of_address)
