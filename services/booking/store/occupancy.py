"""Reads who is busy when, and how many slots somebody holds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from services.booking.domain.local_time import Interval

# A lapsed hold blocks nobody: whoever wants its slot releases it (rule C7).
_BUSY = text("""
SELECT candidate.id::text AS staff_id, lower(allocation.blocked) AS start, upper(allocation.blocked) AS end
FROM unnest(CAST(:staff_ids AS uuid[])) AS candidate (id)
JOIN allocation ON allocation.resource_id = candidate.id
    AND allocation.blocked && tstzrange(:range_from, :range_to)
JOIN booking ON booking.id = allocation.booking_id
WHERE NOT (booking.state = 'pending'
    AND greatest(booking.hold_ends_at, booking.processing_until) <= :now)
""")

_LEAST_BUSY = text("""
SELECT candidate.id::text FROM unnest(CAST(:staff_ids AS uuid[])) AS candidate (id)
ORDER BY (
    SELECT count(*) FROM allocation
    WHERE allocation.resource_id = candidate.id
        AND allocation.blocked && tstzrange(:range_from, :range_to)
), candidate.id
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


def busy_times(
    connection: Connection, staff_ids: Sequence[str], within: Interval, now: datetime
) -> dict[str, list[Interval]]:
    """Blocked ranges of each of the staff that touch `within`; every one of them is a key."""
    busy: dict[str, list[Interval]] = {staff_id: [] for staff_id in staff_ids}
    values = {
        "staff_ids": list(staff_ids),
        "range_from": within.start,
        "range_to": within.end,
        "now": now,
    }
    for row in connection.execute(_BUSY, values):
        busy[row.staff_id].append(Interval(row.start.astimezone(UTC), row.end.astimezone(UTC)))
    return busy


def least_busy_first(connection: Connection, staff_ids: Collection[str], within: Interval) -> list[str]:
    """The staff by how many visits they have in that time, so that 'anyone' spreads the work."""
    values = {"staff_ids": list(staff_ids), "range_from": within.start, "range_to": within.end}
    return list(connection.execute(_LEAST_BUSY, values).scalars())


def count_live_holds(
    connection: Connection, customer_id: str, held_from: str | None, now: datetime
) -> LiveHolds:
    """Call it under `locks.lock_holders`, else two at once count the same."""
    row = connection.execute(
        _LIVE_HOLDS, {"customer_id": customer_id, "held_from": held_from, "now": now}
    ).one()
    return LiveHolds(row.of_customer, row.of_address)
