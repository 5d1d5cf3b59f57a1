"""Reads a provider's bookings in order of their visits."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, tuple_

from services.booking.domain.booking import Booking
from services.booking.domain.states import State
from services.booking.store.records import select_bookings, to_bookings
from services.booking.store.tables import booking as table

LONGEST_VISIT = timedelta(hours=24)
"""Bounds what is read of the index by start to find those that have not ended."""

Key = tuple[datetime, str]
"""(start, id) of the booking behind which a page begins."""


def coming_of_provider(
    connection: Connection, provider_id: str, now: datetime, limit: int, after: Key | None
) -> list[Booking]:
    """Visits that have not ended, the next first; holds too, but none that ended unpaid."""
    start = func.lower(table.c.visit)
    statement = (
        select_bookings()
        .where(
            table.c.provider_id == provider_id,
            start > now - LONGEST_VISIT,
            func.upper(table.c.visit) > now,
            table.c.state != State.EXPIRED,
        )
        .order_by(start, table.c.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(start, table.c.id) > tuple_(*after))
    return to_bookings(connection.execute(statement).all())


def past_of_provider(
    connection: Connection, provider_id: str, now: datetime, limit: int, after: Key | None
) -> list[Booking]:
    """Visits that have ended, the last first; none of holds that ended unpaid."""
    start = func.lower(table.c.visit)
    statement = (
        select_bookings()
        .where(
            table.c.provider_id == provider_id,
            start < now,
            func.upper(table.c.visit) <= now,
            table.c.state != State.EXPIRED,
        )
        .order_by(start.desc(), table.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(start, table.c.id) < tuple_(*after))
    return to_bookings(connection.execute(statement).all())
