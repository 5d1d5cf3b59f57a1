"""Reads who and what is free for a visit, and how many slots somebody holds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from services.booking.domain.care import Whereabouts, visit_of_same
from services.booking.domain.local_time import Interval
from services.booking.store.ended_holds import HELD, counts, live
from services.booking.store.whereabouts import VISITS_THEN, values_of
from shared.database.kept_plans import kept

_COUNTS = counts(":now")

# Who has fewest visits that day comes first; of those, who has had none for longest; of equals another for
# each customer, so that those who come at the same moment do not wait for one another. LIMIT keeps the
# planner from reading once what all providers have at that time.
_RANKED = f"""
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
ORDER BY of_day.visits, before.ended NULLS FIRST,
    hashtext(candidate.id::text || CAST(:customer_id AS uuid)::text), candidate.id
"""
_TYPES_OF_RANKED = dict.fromkeys(
    ("blocked_from", "blocked_to", "day_from", "day_to", "start", "now"), "timestamptz"
)
_ORDER = kept(text(_RANKED), **_TYPES_OF_RANKED)

_FREE_UNITS = text("""
SELECT unit.id::text FROM unnest(CAST(:unit_ids AS uuid[])) AS unit (id)
WHERE NOT EXISTS (
    SELECT FROM allocation WHERE allocation.resource_id = unit.id
        AND allocation.blocked && tstzrange(:blocked_from, :blocked_to)
)
""")

_OF_A_KEPT_SERIES = (
    "EXISTS (SELECT FROM series WHERE series.id = booking.series_id AND series.kept_at IS NOT NULL)"
)
_EACH_HOLD = "count(DISTINCT coalesce(series_id, id))"
# What is offered to those who wait has a bound of its own.
_LIVE_HOLDS = f"""
SELECT
    (SELECT {_EACH_HOLD} FROM booking
        WHERE customer_id = CAST(:customer_id AS uuid)
        AND (CAST(:series_id AS uuid) IS NULL OR series_id IS DISTINCT FROM CAST(:series_id AS uuid))
        AND {HELD} AND pending_for = 'payment' AND waitlist_id IS NULL
        AND {live(":now")} AND NOT {_OF_A_KEPT_SERIES}) AS of_customer,
    (SELECT {_EACH_HOLD} FROM booking WHERE held_from = :held_from
        AND (CAST(:series_id AS uuid) IS NULL OR series_id IS DISTINCT FROM CAST(:series_id AS uuid))
        AND state = 'pending' AND {live(":now")}
        AND NOT {_OF_A_KEPT_SERIES}) AS of_address,
    ({VISITS_THEN}) AS visits_then
"""
_TYPES_OF_HOLDS = dict.fromkeys(("now", "visit_from", "visit_to"), "timestamptz") | {"held_from": "text"}
_BOUNDS = kept(text(_LIVE_HOLDS), **_TYPES_OF_HOLDS)
_BOUNDS_AND_ORDER = kept(
    text(f"""
{_LIVE_HOLDS}, (SELECT json_agg(json_build_array(staff_id, is_free)) FROM ({_RANKED}) AS ranked) AS ranked
"""),
    **_TYPES_OF_HOLDS | _TYPES_OF_RANKED,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the staff, and whether nothing is in the way of the visit at this moment."""

    staff_id: str
    is_free: bool


@dataclass(frozen=True, slots=True)
class LiveHolds:
    """How many slots are held unpaid at this moment, and which visit the same person has then."""

    of_customer: int
    of_address: int
    visit_then: str | None
    order: list[Candidate] | None
    """Of the staff, when it was asked for."""


@dataclass(frozen=True, slots=True)
class Among:
    """Those of whom somebody is to do a visit: what they block by it, its local day, its start, for whom."""

    staff_ids: Collection[str]
    blocked: Interval
    day: Interval
    start: datetime
    customer_id: str

    def values(self, now: datetime) -> dict[str, Any]:
        return {
            "staff_ids": list(self.staff_ids),
            "blocked_from": self.blocked.start,
            "blocked_to": self.blocked.end,
            "day_from": self.day.start,
            "day_to": self.day.end,
            "start": self.start,
            "customer_id": self.customer_id,
            "now": now,
        }


def ranked(connection: Connection, among: Among, now: datetime) -> list[Candidate]:
    """The staff by how many visits they have that day, then by who has been idle for longest.

    So that 'anyone' spreads the work (rule C11).
    """
    return [Candidate(row.staff_id, row.is_free) for row in connection.execute(_ORDER, among.values(now))]


def free_units(connection: Connection, unit_ids: Collection[str], blocked: Interval) -> set[str]:
    """Rooms and equipment that nothing occupies in that time."""
    values = {"unit_ids": list(unit_ids), "blocked_from": blocked.start, "blocked_to": blocked.end}
    return set(connection.execute(_FREE_UNITS, values).scalars())


def count_live_holds(
    connection: Connection,
    there: Whereabouts,
    held_from: str | None,
    now: datetime,
    *,
    series_id: str | None,
    among: Among | None,
) -> LiveHolds:
    """A series counts once until one of its visits is paid, and not at all after; nor does `series_id`,
    which takes another of its visits. `among`: with the order of the staff (`ranked`), in the same trip.

    Call it under `locks.share_supply_and_lock_holders`, else two at once count the same.
    """
    values = {**values_of(there, now), "held_from": held_from, "series_id": series_id}
    if among is not None:
        row = connection.execute(_BOUNDS_AND_ORDER, {**values, **among.values(now)}).one()
        order = [Candidate(*one) for one in row.ranked]
    else:
        row, order = connection.execute(_BOUNDS, values).one(), None
    return LiveHolds(row.of_customer, row.of_address, visit_of_same(there, row.visits_then), order)
