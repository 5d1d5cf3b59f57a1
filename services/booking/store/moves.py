"""Writes that a booking was moved: what it occupies, itself and its history, in one statement (rule C8)."""

import json
from collections.abc import Collection
from typing import Any

from psycopg2.errors import ExclusionViolation
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.states import Change
from services.booking.domain.ways import NO_WAY
from services.booking.store.bookings import NOTE_CHANGE, UPDATE, to_values
from services.booking.store.quotes import quote_to_json

_FREE = text("""
SELECT candidate.id::text FROM unnest(CAST(:resource_ids AS uuid[])) AS candidate (id)
WHERE NOT EXISTS (
    SELECT FROM allocation WHERE allocation.resource_id = candidate.id
        AND allocation.blocked && tstzrange(:blocked_from, :blocked_to)
        AND allocation.booking_id <> CAST(:booking_id AS uuid)
)
""")

_MOVED = """, visit = tstzrange(:visit_from, :visit_to), blocked = tstzrange(:blocked_from, :blocked_to),
        time_zone = :time_zone, local_start = CAST(:local_start AS timestamp), utc_offset = :utc_offset,
        staff_id = CAST(:staff_id AS uuid), session_id = CAST(:session_id AS uuid),
        seats = CAST(:all_seats AS smallint), quote = CAST(:quote AS jsonb), moves = :moves,
        may_overlap = :may_overlap"""

_MOVE = text(f"""
WITH moved AS (
    UPDATE allocation SET resource_id = step.gets,
        blocked = tstzrange(
            :blocked_from - make_interval(secs => step.before),
            :blocked_to + make_interval(secs => step.after)
        ),
        travel_before = step.before, travel_after = step.after,
        session_id = CAST(:session_id AS uuid), seat = CAST(:seat AS smallint),
        seats = CAST(:seats AS smallint)
    FROM unnest(
        CAST(:old_ids AS uuid[]), CAST(:new_ids AS uuid[]),
        CAST(:travel_before AS integer[]), CAST(:travel_after AS integer[])
    ) AS step (has, gets, before, after)
    WHERE allocation.booking_id = :id AND allocation.resource_id = step.has
), changed AS ({UPDATE.format(and_more=_MOVED)} RETURNING booking.*), left_behind AS (
    DELETE FROM further_resource USING changed
    WHERE booking_id = changed.id AND resource_id <> ALL (CAST(:further_ids AS uuid[]))
), also AS (
    INSERT INTO further_resource (booking_id, resource_id, starts_at)
    SELECT id, further, :visit_from FROM changed, unnest(CAST(:further_ids AS uuid[])) AS further
    ON CONFLICT ON CONSTRAINT pk_further_resource DO UPDATE SET starts_at = excluded.starts_at
)
{NOTE_CHANGE}""")


def free_beside(
    connection: Connection, booking: Booking, resource_ids: Collection[str], blocked: Interval
) -> set[str]:
    """Which of these nothing occupies in that time, but for this booking, which will leave what it has."""
    values = {
        "booking_id": booking.booking_id,
        "resource_ids": list(resource_ids),
        "blocked_from": blocked.start,
        "blocked_to": blocked.end,
    }
    return set(connection.execute(_FREE, values).scalars())


def record_move(
    connection: Connection, before: Booking, after: Booking, change: Change, seat: int | None
) -> bool:
    """Like `record`, with what it occupies; False, and nothing changes: another has the time.

    Both occupy as many resources, all of which are locked, with those of `before` (`locks.lock_counted`).
    """
    savepoint = connection.begin_nested()
    try:
        connection.execute(_MOVE, _values(before, after, change, seat)).one()
    except IntegrityError as error:
        savepoint.rollback()
        if isinstance(error.orig, ExclusionViolation):
            return False
        raise
    savepoint.commit()
    return True


def _values(before: Booking, after: Booking, change: Change, seat: int | None) -> dict[str, Any]:
    steps = _steps(before, after)
    return {
        **to_values(after, before.state, change),
        "old_ids": [has for has, _ in steps],
        "new_ids": [gets for _, gets in steps],
        "travel_before": [after.ways.get(gets, NO_WAY).before for _, gets in steps],
        "travel_after": [after.ways.get(gets, NO_WAY).after for _, gets in steps],
        "staff_id": after.staff_id,
        "visit_from": after.visit.start,
        "visit_to": after.visit.end,
        "blocked_from": after.blocked.start,
        "blocked_to": after.blocked.end,
        "time_zone": after.time_zone,
        "local_start": after.start.local,
        "utc_offset": after.start.offset_text,
        "session_id": after.session_id,
        "seat": seat,
        "seats": after.seats if seat is not None else None,
        "all_seats": after.seats,
        "quote": json.dumps(quote_to_json(after.quote)),
        "moves": after.moves,
        "may_overlap": after.may_overlap,
    }


def _steps(before: Booking, after: Booking) -> list[tuple[str, str]]:
    """What it has and what it gets for it; what it keeps stays its own, so that no row is in another's
    way."""
    has, gets = before.resource_ids, after.resource_ids
    kept = [one for one in has if one in gets]
    left = [one for one in has if one not in gets]
    new = [one for one in gets if one not in has]
    return [*zip(kept, kept, strict=True), *zip(left, new, strict=True)]
