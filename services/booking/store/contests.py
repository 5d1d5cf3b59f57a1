"""Reads contested no-shows that nobody has decided, from the partial index of those."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select, tuple_

from services.booking.domain.booking import Booking
from services.booking.domain.no_shows import Contest
from services.booking.domain.states import Reason
from services.booking.store.records import select_bookings, to_booking
from services.booking.store.tables import booking as table
from services.booking.store.tables import booking_history

Key = tuple[datetime, str]
"""(contest_until, id): where a contest stands in its list."""


@dataclass(frozen=True, slots=True)
class OpenContest:
    """A missed visit, and when and with which words its customer contested that."""

    place: Key
    booking: Booking
    contested_at: datetime
    reason: str


def open_contests(connection: Connection, limit: int, after: Key | None) -> list[OpenContest]:
    """Those whose visit was said to be missed the longest ago come first."""
    statement = (
        select_bookings()
        .where(table.c.contest == Contest.OPEN)
        .order_by(table.c.contest_until, table.c.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(table.c.contest_until, table.c.id) > tuple_(*after))
    rows = connection.execute(statement).all()
    said = _said(connection, [row.id for row in rows])
    return [OpenContest((row.contest_until, row.id), to_booking(row), *said[row.id]) for row in rows]


def _said(connection: Connection, booking_ids: list[str]) -> dict[str, tuple[datetime, str]]:
    """A booking is contested once."""
    of = booking_history.c
    rows = connection.execute(
        select(of.booking_id, of.at, of.note).where(
            of.booking_id.in_(booking_ids), of.reason == Reason.NO_SHOW_CONTESTED
        )
    )
    return {row.booking_id: (row.at.astimezone(UTC), row.note) for row in rows}


def count_open_contests(connection: Connection) -> tuple[int, datetime | None]:
    """How many there are, and the first instant until when one of them could be contested."""
    figures = select(func.count(), func.min(table.c.contest_until)).where(table.c.contest == Contest.OPEN)
    count, first = connection.execute(figures).one()
    return count, first
