"""Bookings for which it is time, locked: holds have ended, payments are due, visits are over."""

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
    select,
    text,
)

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.states import PendingFor, Reason
from services.booking.store.ended_holds import ended
from services.booking.store.records import select_bookings, to_bookings
from services.booking.store.series_tables import series
from services.booking.store.tables import booking as table
from services.booking.store.tables import booking_history

SWEEP_BATCH = 100
"""So many holds end in one transaction of the sweeper."""

# Literal: a kept plan must see that the partial index is enough.
_TO_TAKE_PLACE: tuple[ColumnElement[str], ...] = (
    literal_column("'confirmed'"),
    literal_column("'in_progress'"),
)

_hold_ends = func.greatest(table.c.hold_ends_at, table.c.processing_until)

_LAPSED_IN_THE_WAY = text(f"""
SELECT DISTINCT booking.id::text FROM unnest(CAST(:resource_ids AS uuid[])) AS candidate (id)
JOIN allocation ON allocation.resource_id = candidate.id
    AND allocation.blocked && tstzrange(:blocked_from, :blocked_to)
JOIN booking ON booking.id = allocation.booking_id
WHERE {ended(":now")}
""")


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
    unpaid = _lock_unpaid(connection, now, until, limit)
    if not unpaid:
        return []
    # Another process may have told one before its row was locked: the first snapshot has not seen it.
    ids = [booking.booking_id for booking in unpaid]
    told = set(connection.execute(select(table.c.id).where(table.c.id.in_(ids), _is_told())).scalars())
    return [booking for booking in unpaid if booking.booking_id not in told]


def _is_told() -> ColumnElement[bool]:
    """That a payment is due, since the visit has the time that it has."""
    moved = booking_history.alias("moved")
    return exists().where(
        booking_history.c.booking_id == table.c.id,
        booking_history.c.reason == Reason.PAYMENT_DUE.value,
        ~exists().where(
            moved.c.booking_id == booking_history.c.booking_id,
            moved.c.reason == Reason.RESCHEDULED.value,
            moved.c.version > booking_history.c.version,
        ),
    )


def _lock_unpaid(connection: Connection, now: datetime, until: datetime, limit: int) -> list[Booking]:
    end = func.greatest(table.c.hold_ends_at, table.c.processing_until)
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
            ~_is_told(),
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


def _lapsed(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ...]:
    return table.c.state == literal_column("'pending'"), _hold_ends <= now


# Made once: building a statement anew for each look costs more than the look.
_LAPSED = (
    select_bookings()
    .where(*_lapsed(bindparam("now", type_=table.c.hold_ends_at.type)))
    .order_by(_hold_ends)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
