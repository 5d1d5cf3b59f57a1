"""Reads and writes series and their instances; what became of a visit stands with its booking."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from services.booking.domain.booking import Booking
from services.booking.domain.reasons import Request
from services.booking.domain.series import Instance, Outcome, Series
from services.booking.store.records import select_bookings, to_bookings
from services.booking.store.series_tables import series as table
from services.booking.store.series_tables import series_instance
from services.booking.store.tables import booking

_OPEN = Outcome.OPEN.value

# A visit that was cancelled late keeps its series as one that takes place does: some of its money stays.
_NOTHING_PAID = """NOT EXISTS (
    SELECT FROM booking AS paid WHERE paid.series_id = series.id AND paid.payment_id IS NOT NULL
    AND (paid.state <> 'cancelled' OR CAST(paid.refund ->> 'percent' AS integer) < 100)
)"""
# When the last instance is decided, nobody needs to know from where it was booked, nor twice for whom, where
# and with which notes: each visit has its own.
_FORGET = text("""
UPDATE series SET held_from = NULL, asks = asks - CAST(:personal AS text[])
WHERE id = CAST(:series_id AS uuid) AND NOT EXISTS (
    SELECT FROM series_instance WHERE series_id = series.id AND outcome = 'open'
)
""")
_PERSONAL = ["notes", "recipient", "address"]
_KEPT_UNPAID = text(f"""
SELECT DISTINCT series.id::text FROM booking JOIN series ON series.id = booking.series_id
WHERE booking.state = 'pending' AND booking.series_id IS NOT NULL AND series.kept_at IS NOT NULL
AND {_NOTHING_PAID} LIMIT :limit
""")
_KEEP_NO_LONGER = text(f"""
UPDATE series SET kept_at = NULL
WHERE id = CAST(:series_id AS uuid) AND kept_at IS NOT NULL AND {_NOTHING_PAID} RETURNING id
""")


def insert_series(connection: Connection, made: Series, instances: Sequence[Instance]) -> None:
    connection.execute(
        insert(table).values(
            id=made.series_id,
            customer_id=made.customer_id,
            provider_id=made.provider_id,
            service_id=made.service_id,
            asks=dict(made.asks),
            rule=made.rule,
            first_day=made.first_day,
            start_time=made.start_time,
            held_from=made.held_from,
            created_at=made.created_at,
        )
    )
    connection.execute(insert(series_instance), [_row(made.series_id, one) for one in instances])
    if all(one.outcome is not Outcome.OPEN for one in instances):
        _forget_of_decided(connection, made.series_id)


def get_series(connection: Connection, series_id: str) -> Series | None:
    row = connection.execute(select(table).where(table.c.id == series_id)).one_or_none()
    return _to_series(row) if row else None


def list_of_customer(
    connection: Connection, customer_id: str, limit: int, after: tuple[datetime, str] | None
) -> list[Series]:
    """A customer's series, newest first, from behind the key (created_at, id) `after`."""
    statement = select(table).where(table.c.customer_id == customer_id)
    if after is not None:
        statement = statement.where(
            (table.c.created_at < after[0]) | ((table.c.created_at == after[0]) & (table.c.id < after[1]))
        )
    ordered = statement.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
    return [_to_series(row) for row in connection.execute(ordered)]


def instances_of(connection: Connection, series_id: str) -> list[Instance]:
    """All of them, in order."""
    statement = select(series_instance).where(series_instance.c.series_id == series_id)
    return [_to_instance(row) for row in connection.execute(statement.order_by(series_instance.c.position))]


def bookings_of(connection: Connection, series_id: str) -> list[Booking]:
    """Its visits, whatever has become of them, in order of their ids."""
    statement = select_bookings().where(booking.c.series_id == series_id).order_by(booking.c.id)
    return to_bookings(connection.execute(statement).all())


def decide(
    connection: Connection,
    series_id: str,
    position: int,
    outcome: Outcome,
    *,
    code: str | None = None,
    booking_id: str | None = None,
) -> None:
    """What became of an instance whose turn had not come; what is personal goes with the last of them. Call
    it under `locks.lock_series`."""
    connection.execute(
        update(series_instance)
        .where(
            series_instance.c.series_id == series_id,
            series_instance.c.position == position,
            series_instance.c.outcome == _OPEN,
        )
        .values(outcome=outcome.value, code=code, booking_id=booking_id)
    )
    _forget_of_decided(connection, series_id)


def put_in_place(connection: Connection, series_id: str, old_id: str, new_id: str) -> None:
    """Another visit takes the place of one. Call it under `locks.lock_series`."""
    connection.execute(
        update(series_instance)
        .where(series_instance.c.series_id == series_id, series_instance.c.booking_id == old_id)
        .values(booking_id=new_id)
    )


def keep(connection: Connection, series_id: str, now: datetime) -> bool:
    """One of its visits is paid; False: one was before."""
    statement = update(table).where(table.c.id == series_id, table.c.kept_at.is_(None)).values(kept_at=now)
    return connection.execute(statement.returning(table.c.id)).one_or_none() is not None


def list_kept_unpaid(connection: Connection, limit: int) -> list[str]:
    """Series with visits that are held as if one were paid, and none is any more."""
    return list(connection.execute(_KEPT_UNPAID, {"limit": limit}).scalars())


def keep_no_longer(connection: Connection, series_id: str) -> bool:
    """Nothing of it is paid any more; False: something is, or it was not kept. Call it under
    `locks.lock_series`."""
    return connection.execute(_KEEP_NO_LONGER, {"series_id": series_id}).one_or_none() is not None


ANY_OPEN = text(f"SELECT EXISTS (SELECT FROM series_instance WHERE outcome = '{_OPEN}')")


def list_open(connection: Connection, made_before: datetime, limit: int) -> list[str]:
    """Series that somebody left half done, the oldest first."""
    statement = (
        select(table.c.id)
        .where(
            table.c.id.in_(select(series_instance.c.series_id).where(series_instance.c.outcome == _OPEN)),
            table.c.created_at < made_before,
        )
        .order_by(table.c.created_at)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def _forget_of_decided(connection: Connection, series_id: str) -> None:
    connection.execute(_FORGET, {"series_id": series_id, "personal": _PERSONAL})


def _row(series_id: str, instance: Instance) -> dict[str, Any]:
    return {
        "series_id": series_id,
        "position": instance.position,
        "day": instance.day,
        "wanted_day": instance.wanted.day,
        "wanted_time": instance.wanted.time,
        "utc_offset": instance.wanted.utc_offset,
        "outcome": instance.outcome.value,
        "code": instance.code,
        "booking_id": instance.booking_id,
    }


def _to_series(row: Row[Any]) -> Series:
    return Series(
        series_id=row.id,
        customer_id=row.customer_id,
        provider_id=row.provider_id,
        service_id=row.service_id,
        asks=row.asks,
        rule=row.rule,
        first_day=row.first_day,
        start_time=row.start_time,
        created_at=row.created_at.astimezone(UTC),
        held_from=row.held_from,
        kept_at=row.kept_at.astimezone(UTC) if row.kept_at else None,
    )


def _to_instance(row: Row[Any]) -> Instance:
    return Instance(
        position=row.position,
        day=row.day,
        wanted=Request(row.wanted_day, row.wanted_time, row.utc_offset),
        outcome=Outcome(row.outcome),
        code=row.code,
        booking_id=row.booking_id,
    )
