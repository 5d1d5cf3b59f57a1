"""Reads who and what is free for a visit, and how many slots somebody holds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, TextClause, text

from services.booking.domain.booking import Booking, Place
from services.booking.domain.care import Whereabouts, visit_of_same
from services.booking.domain.local_time import Interval
from services.booking.store.ended_holds import counts
from services.booking.store.whereabouts import VISITS_THEN, values_of
from shared.database.kept_plans import kept

_COUNTS = counts(":now")

# Who has fewest visits that day comes first; of those, who has had none for longest. LIMIT keeps the planner
# from reading once what all providers have at that time.
_RANKED = kept(
    text(f"""
SELECT candidate.id::text AS staff_id, (
    SELECT true FROM allocation WHERE allocation.resource_id = candidate.id
        AND allocation.blocked && tstzrange(:blocked_from, :blocked_to) LIMIT 1
) IS NULL AS is_free
FROM unnest(CAST(:staff_ids AS uuid[])) AS candidate (id)
CROSS JOIN LATERAL (
    SELECT count(DISTINCT start) AS visits FROM (
        SELECT lower(visit) AS start FROM booking
        WHERE staff_id = candidate.id AND {_COUNTS}
            AND lower(visit) >= :day_from AND lower(visit) < :day_to
        UNION ALL
        SELECT further.starts_at FROM further_resource AS further
        JOIN booking ON booking.id = further.booking_id AND {_COUNTS}
        WHERE further.resource_id = candidate.id
            AND further.starts_at >= :day_from AND further.starts_at < :day_to
    ) AS starts
) AS of_day
CROSS JOIN LATERAL (
    SELECT max(ended) AS ended FROM (
        (SELECT upper(visit) AS ended FROM booking
        WHERE staff_id = candidate.id AND {_COUNTS} AND lower(visit) < :start
        ORDER BY lower(visit) DESC LIMIT 1)
        UNION ALL
        (SELECT upper(booking.visit) FROM further_resource AS further
        JOIN booking ON booking.id = further.booking_id AND {_COUNTS}
        WHERE further.resource_id = candidate.id AND further.starts_at < :start
        ORDER BY further.starts_at DESC LIMIT 1)
    ) AS visits
) AS before
ORDER BY of_day.visits, before.ended NULLS FIRST, candidate.id
"""),
    **dict.fromkeys(("blocked_from", "blocked_to", "day_from", "day_to", "start", "now"), "timestamptz"),
)

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

_OF_A_KEPT_SERIES = (
    "EXISTS (SELECT FROM series WHERE series.id = booking.series_id AND series.kept_at IS NOT NULL)"
)
_EACH_HOLD = "count(DISTINCT coalesce(series_id, id))"
# What is offered to those who wait has a bound of its own.
_LIVE_HOLDS = kept(
    text(f"""
SELECT
    (SELECT {_EACH_HOLD} FROM booking
        WHERE customer_id = CAST(:customer_id AS uuid)
        AND (CAST(:series_id AS uuid) IS NULL OR series_id IS DISTINCT FROM CAST(:series_id AS uuid))
        AND state = 'pending' AND pending_for = 'payment' AND waitlist_id IS NULL
        AND greatest(hold_ends_at, processing_until) > :now AND NOT {_OF_A_KEPT_SERIES}) AS of_customer,
    (SELECT {_EACH_HOLD} FROM booking WHERE held_from = :held_from
        AND (CAST(:series_id AS uuid) IS NULL OR series_id IS DISTINCT FROM CAST(:series_id AS uuid))
        AND state = 'pending' AND greatest(hold_ends_at, processing_until) > :now
        AND NOT {_OF_A_KEPT_SERIES}) AS of_address,
    ({VISITS_THEN}) AS visits_then
"""),
    **dict.fromkeys(("now", "visit_from", "visit_to"), "timestamptz"),
    held_from="text",
)


@dataclass(frozen=True, slots=True)
class LiveHolds:
    """How many slots are held unpaid at this moment, and which visit the same person has then."""

    of_customer: int
    of_address: int
    visit_then: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the staff, and whether nothing is in the way of the visit at this moment."""

    staff_id: str
    is_free: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session with the times and the place that it has, whatever the rules of its service are by now."""

    session_id: str
    seats: int
    visit: Interval
    blocked: Interval
    place: Place
    resource_ids: frozenset[str]


def ranked(
    connection: Connection,
    staff_ids: Collection[str],
    blocked: Interval,
    day: Interval,
    start: datetime,
    now: datetime,
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
        "now": now,
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


def count_live_holds(
    connection: Connection,
    there: Whereabouts,
    held_from: str | None,
    now: datetime,
    series_id: str | None = None,
) -> LiveHolds:
    """A series counts once until one of its visits is paid, and not at all after; nor does `series_id`,
    which takes another of its visits.

    Call it under `locks.share_supply_and_lock_holders`, else two at once count the same.
    """
    values = {**values_of(there, now), "held_from": held_from, "series_id": series_id}
    row = connection.execute(_LIVE_HOLDS, values).one()
    return LiveHolds(row.of_customer, row.of_address, visit_of_same(there, row.visits_then))


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
