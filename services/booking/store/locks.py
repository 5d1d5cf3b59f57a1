"""Every lock of this service, and the order in which they are taken.

1. the key of an idempotent command (`shared.database.idempotency`), then the series that it is about,
   or the line of those who wait at a provider, after the call to look at it;
2. a provider's supply: shared by whoever books by it or pays late, alone by whoever changes it;
3. whoever holds slots: the customer and the address, in order of their numbers;
4. what several bookings count on: sessions, capped staff and services, and all resources of a visit
   that occupies more than one, in order of their numbers;
5. bookings, in order of their ids.
One person's slot needs none: the exclusion constraint on `allocation` is its lock, taken last, and
nobody waits for another lock while it waits for that one's transaction.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    text,
)

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.states import PendingFor, Reason
from services.booking.store.ended_holds import ended
from services.booking.store.records import select_bookings, to_booking, to_bookings
from services.booking.store.series_tables import series
from services.booking.store.tables import booking as table
from services.booking.store.tables import booking_history
from shared.database.session import send_with_next, unread

SWEEP_BATCH = 100
"""So many holds end in one transaction of the sweeper."""

# Literal: a kept plan must see that the partial index is enough.
_TO_TAKE_PLACE: tuple[ColumnElement[str], ...] = (
    literal_column("'confirmed'"),
    literal_column("'in_progress'"),
)

_hold_ends = func.greatest(table.c.hold_ends_at, table.c.processing_until)

# They go with the next statement, whose snapshot is younger than the locks.
_LOCK = unread(
    "SELECT pg_advisory_xact_lock(number) FROM unnest(%(numbers)s::bigint[]) AS number", numbers="bigint[]"
)
_SHARE_AND_LOCK = unread(
    """
SELECT CASE number WHEN %(shared)s THEN pg_advisory_xact_lock_shared(number)
    ELSE pg_advisory_xact_lock(number) END
FROM unnest(%(numbers)s::bigint[]) AS number
""",
    shared="bigint",
    numbers="bigint[]",
)

_LAPSED_IN_THE_WAY = text(f"""
SELECT DISTINCT booking.id::text FROM unnest(CAST(:resource_ids AS uuid[])) AS candidate (id)
JOIN allocation ON allocation.resource_id = candidate.id
    AND allocation.blocked && tstzrange(:blocked_from, :blocked_to)
JOIN booking ON booking.id = allocation.booking_id
WHERE {ended(":now")}
""")


def share_supply_and_lock_holders(connection: Connection, provider_id: str, holders: Collection[str]) -> None:
    """Nobody changes the provider's hours and rules before this transaction ends; and one at a time counts
    and takes what the same customer or address holds (rule C18), or has at one time (rule C19)."""
    shared = _number(f"supply {provider_id}")
    numbers = [shared, *_numbers(holders)]
    send_with_next(connection, _SHARE_AND_LOCK, {"shared": shared, "numbers": numbers})


def share_supply_and_lock_counted(
    connection: Connection, provider_id: str, holder: str, names: Collection[str]
) -> None:
    """`share_supply_and_lock_holders`, and then `lock_counted`."""
    shared = _number(f"supply {provider_id}")
    numbers = [shared, _number(holder), *_numbers(names)]
    send_with_next(connection, _SHARE_AND_LOCK, {"shared": shared, "numbers": numbers})


def change_supply(connection: Connection, provider_id: str) -> None:
    """Nobody books by the provider's hours and rules, or changes them, before this transaction ends."""
    _lock(connection, [f"supply {provider_id}"])


def lock_counted(connection: Connection, names: Collection[str]) -> None:
    """One at a time counts and takes what several bookings count on (rules C9 and C10).

    `names`: ids of staff, units and services; a session by its service and start.
    """
    if names:
        _lock(connection, names)


def lock_series(connection: Connection, series_id: str) -> None:
    """One at a time books, pays or cancels visits of one series; before all other locks but the key."""
    _lock(connection, [f"series {series_id}"])


def lock_line(connection: Connection, provider_id: str) -> None:
    """One at a time offers freed time to those who wait at a provider; before all locks of a hold."""
    _lock(connection, [f"line {provider_id}"])


def lock_bookings_of_series(connection: Connection, series_id: str) -> list[Booking]:
    """All visits of a series as they are now, in order of their ids. Call it under `lock_series`."""
    statement = select_bookings().where(table.c.series_id == series_id).order_by(table.c.id).with_for_update()
    return to_bookings(connection.execute(statement).all())


def lock_booking(connection: Connection, booking_id: str) -> Booking | None:
    """The booking as it is now; nobody else changes it before this transaction ends."""
    row = connection.execute(_ONE, {"booking_id": booking_id}).one_or_none()
    return to_booking(row) if row else None


def lock_bookings(connection: Connection, booking_ids: Collection[str]) -> list[Booking]:
    """Those of these that there are, as they are now, in order of their ids."""
    statement = select_bookings().where(table.c.id.in_(booking_ids)).order_by(table.c.id).with_for_update()
    return to_bookings(connection.execute(statement).all())


def find_lapsed_in_the_way(
    connection: Connection, resource_ids: Collection[str], blocked: Interval, now: datetime
) -> set[str]:
    """The ids of bookings whose hold has ended and that still block these resources (rule C7)."""
    found = connection.execute(
        _LAPSED_IN_THE_WAY,
        {
            "resource_ids": list(resource_ids),
            "blocked_from": blocked.start,
            "blocked_to": blocked.end,
            "now": now,
        },
    )
    return set(found.scalars())


def lock_lapsed_in_the_way(
    connection: Connection, resource_ids: Collection[str], blocked: Interval, now: datetime
) -> list[Booking] | None:
    """Bookings whose hold has ended and that still block these resources (rule C7).

    None: there is none. An empty list: there was one, and somebody else has just released it. Waits
    for whoever works on one: skipping it would leave its slot blocked. In order of ids, so that two
    who want the same slots do not wait for each other.
    """
    ids = find_lapsed_in_the_way(connection, resource_ids, blocked, now)
    if not ids:
        return None
    statement = (
        select_bookings().where(table.c.id.in_(ids), *_lapsed(now)).order_by(table.c.id).with_for_update()
    )
    return to_bookings(connection.execute(statement).all())


def lock_lapsed(connection: Connection, now: datetime, limit: int = SWEEP_BATCH) -> list[Booking]:
    """The bookings whose hold ended first; those that somebody works on are left for the next time."""
    return to_bookings(connection.execute(_LAPSED, {"now": now, "most": limit}).all())


def lock_to_tell_payment_due(
    connection: Connection, now: datetime, until: datetime, limit: int = SWEEP_BATCH
) -> list[Booking]:
    """Visits of kept series that nobody pays just now, whose hold ends by `until`, and whose customer was not
    told since they have this time; those that somebody works on are left for the next time."""
    end = func.greatest(table.c.hold_ends_at, table.c.processing_until)
    moved = booking_history.alias("moved")
    told = exists().where(
        booking_history.c.booking_id == table.c.id,
        booking_history.c.reason == Reason.PAYMENT_DUE.value,
        ~exists().where(
            moved.c.booking_id == booking_history.c.booking_id,
            moved.c.reason == Reason.RESCHEDULED.value,
            moved.c.version > booking_history.c.version,
        ),
    )
    kept = exists().where(series.c.id == table.c.series_id, series.c.kept_at.is_not(None))
    statement = (
        select_bookings()
        .where(
            table.c.state == literal_column("'pending'"),
            end > now,
            end <= until,
            table.c.series_id.is_not(None),
            table.c.pending_for == PendingFor.PAYMENT.value,
            or_(table.c.processing_until.is_(None), table.c.processing_until <= now),
            kept,
            ~told,
        )
        .order_by(end)
        .limit(limit)
        .with_for_update(skip_locked=True, of=table)
    )
    return to_bookings(connection.execute(statement).all())


def lock_over(connection: Connection, ended_by: datetime, limit: int = SWEEP_BATCH) -> list[Booking]:
    """Visits that were to take place and had ended by then, the earliest first; those that somebody works
    on are left for the next time."""
    end = func.upper(table.c.visit)
    statement = (
        select_bookings()
        .where(table.c.state.in_(_TO_TAKE_PLACE), end <= ended_by)
        .order_by(end)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return to_bookings(connection.execute(statement).all())


def _lock(connection: Connection, names: Collection[str]) -> None:
    send_with_next(connection, _LOCK, {"numbers": _numbers(names)})


def _numbers(names: Collection[str]) -> list[int]:
    return sorted({_number(name) for name in names})


def _lapsed(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    return table.c.state == literal_column("'pending'"), _hold_ends <= now


def _number(holder: str) -> int:
    """A signed 64-bit number for PostgreSQL's advisory locks."""
    digest = hashlib.sha256(f"booking holder {holder}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


# Made once: building a statement anew for each look costs more than the look.
_ONE = select_bookings().where(table.c.id == bindparam("booking_id")).with_for_update()
_LAPSED = (
    select_bookings()
    .where(*_lapsed(bindparam("now", type_=table.c.hold_ends_at.type)))
    .order_by(_hold_ends)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
