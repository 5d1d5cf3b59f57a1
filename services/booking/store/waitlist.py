"""Reads and writes lines of waiting customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from services.booking.domain.local_time import Interval
from services.booking.domain.timetable import Timetable
from services.booking.domain.wished_hours import WishedHours
from services.booking.store.ended_holds import HELD, counts, live
from services.booking.store.waitlist_calls import Call, Freed
from services.booking.store.waitlist_tables import waitlist_entry as table

WAITING, OFFERED, LEFT, OVER = "waiting", "offered", "left", "over"

_PERSONAL = ("notes", "recipient", "address")
_WITHOUT_PERSONAL = table.c.asks.op("-")(cast(_PERSONAL, ARRAY(Text)))

_LIVE_OFFERS = text(f"""
SELECT entry.provider_id::text, entry.service_id::text, entry.day
FROM booking JOIN waitlist_entry AS entry ON entry.id = booking.waitlist_id
WHERE booking.customer_id = CAST(:customer_id AS uuid)
    AND {HELD} AND booking.pending_for = 'payment'
    AND {live(":now")}
""")

# With a day are listed starts on it and on the next; either lies within a day of the same date in UTC.
_VISITS = text(f"""
SELECT lower(visit) AS starts_at FROM booking
WHERE service_id = CAST(:service_id AS uuid) AND customer_id = CAST(:customer_id AS uuid)
    AND {counts(":now")} AND pending_for IS DISTINCT FROM 'payment'
    AND lower(visit) >= :from_instant AND lower(visit) < :to_instant
""")


_LINES_OF = text("""
SELECT DISTINCT entry.provider_id::text, entry.day
FROM unnest(CAST(:customer_ids AS uuid[]), CAST(:first_days AS date[]), CAST(:last_days AS date[]))
    AS free (customer_id, first_day, last_day)
JOIN waitlist_entry AS entry ON entry.customer_id = free.customer_id
    AND entry.state = 'waiting' AND entry.day BETWEEN free.first_day AND free.last_day
""")


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in a line: for which service on which local day, with whom, from when to when."""

    entry_id: str
    customer_id: str
    provider_id: str
    service_id: str
    staff_id: str | None
    asks: dict[str, Any]
    day: date
    from_time: time | None
    to_time: time | None
    created_at: datetime
    state: str = WAITING
    booking_id: str | None = None

    @property
    def whole_day(self) -> Interval:
        """Their day in whatever zone, and the night that is listed with it."""
        midnight = datetime.combine(self.day, time(), UTC)
        return Interval(midnight - timedelta(days=1), midnight + timedelta(days=3))

    def wants(self, local: datetime) -> bool:
        """Whether a start at this local time, which is listed with their day, is one that they asked for."""
        return WishedHours(self.from_time, self.to_time).include(self.day, local)


def line_of(connection: Connection, call: Call) -> list[Entry]:
    """Who waits for a time on the days of a call, in the order in which they came."""
    statement = select(table).where(table.c.provider_id == call.provider_id, table.c.state == WAITING)
    if call.first_day is not None and call.last_day is not None:
        statement = statement.where(table.c.day.between(call.first_day, call.last_day))
    ordered = statement.order_by(table.c.created_at, table.c.id)
    return [to_entry(row) for row in connection.execute(ordered)]


def lines_of(connection: Connection, free: Sequence[tuple[str, date, date]]) -> list[Freed]:
    """Where each of these customers waits for a time from the first of their days to the last."""
    customer_ids, first_days, last_days = zip(*free, strict=True)
    values = {
        "customer_ids": list(customer_ids),
        "first_days": list(first_days),
        "last_days": list(last_days),
    }
    return [(row.provider_id, [row.day]) for row in connection.execute(_LINES_OF, values)]


def join_line(connection: Connection, entry: Entry) -> bool:
    """False: they wait for this service on that day already."""
    statement = insert_or_not(table).values(
        id=entry.entry_id,
        customer_id=entry.customer_id,
        provider_id=entry.provider_id,
        service_id=entry.service_id,
        staff_id=entry.staff_id,
        asks=entry.asks,
        day=entry.day,
        from_time=entry.from_time,
        to_time=entry.to_time,
        state=entry.state,
        created_at=entry.created_at,
    )
    once = statement.on_conflict_do_nothing(
        index_elements=["customer_id", "provider_id", "service_id", "day"],
        index_where=table.c.state == WAITING,
    )
    return connection.execute(once.returning(table.c.id)).one_or_none() is not None


def offer_to(connection: Connection, entry_id: str, booking_id: str) -> bool:
    """False: they wait no more."""
    return _end(connection, entry_id, state=OFFERED, booking_id=booking_id)


def leave_line(connection: Connection, entry_id: str) -> bool:
    """False: they waited no more."""
    return _end(connection, entry_id, state=LEFT)


def end_lines_before(connection: Connection, day: date) -> int:
    """Nobody waits for a day that is over everywhere; returns how many did."""
    statement = (
        update(table)
        .where(table.c.state == WAITING, table.c.day < day)
        .values(state=OVER, asks=_WITHOUT_PERSONAL)
    )
    return connection.execute(statement).rowcount


def get_entry(connection: Connection, entry_id: str) -> Entry | None:
    row = connection.execute(select(table).where(table.c.id == entry_id)).one_or_none()
    return to_entry(row) if row else None


def count_waiting(connection: Connection, customer_id: str) -> int:
    statement = select(func.count()).where(table.c.customer_id == customer_id, table.c.state == WAITING)
    return connection.execute(statement).scalar_one()


def live_offers(connection: Connection, customer_id: str, now: datetime) -> list[tuple[str, str, date]]:
    """Of which provider, which service and which day something is held for them that they may pay."""
    rows = connection.execute(_LIVE_OFFERS, {"customer_id": customer_id, "now": now})
    return [(row.provider_id, row.service_id, row.day) for row in rows]


def has_visit(connection: Connection, entry: Entry, table_of_day: Timetable) -> bool:
    """Whether they have what they wait for: a visit that is paid, agreed or still to be answered, and listed
    with their day (rule T8)."""
    values = {
        "service_id": entry.service_id,
        "customer_id": entry.customer_id,
        "now": table_of_day.now,
        "from_instant": entry.whole_day.start,
        "to_instant": entry.whole_day.end,
    }
    starts = connection.execute(_VISITS, values).scalars()
    return any(table_of_day.day_of(start.astimezone(UTC)) == entry.day for start in starts)


def list_of_customer(
    connection: Connection, customer_id: str, limit: int, after: tuple[datetime, str] | None
) -> list[Entry]:
    """A customer's entries, newest first, from behind the key (created_at, id) `after`."""
    statement = select(table).where(table.c.customer_id == customer_id)
    if after is not None:
        statement = statement.where(tuple_(table.c.created_at, table.c.id) < tuple_(*after))
    ordered = statement.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
    return [to_entry(row) for row in connection.execute(ordered)]


def to_entry(row: Row[Any]) -> Entry:
    return Entry(
        entry_id=row.id,
        customer_id=row.customer_id,
        provider_id=row.provider_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        asks=row.asks,
        day=row.day,
        from_time=row.from_time,
        to_time=row.to_time,
        created_at=row.created_at.astimezone(UTC),
        state=row.state,
        booking_id=row.booking_id,
    )


def _end(connection: Connection, entry_id: str, **values: str) -> bool:
    """What was asked for about people is with the booking now, or nowhere."""
    statement = update(table).where(table.c.id == entry_id, table.c.state == WAITING)
    statement = statement.values(asks=_WITHOUT_PERSONAL, **values)
    return connection.execute(statement.returning(table.c.id)).one_or_none() is not None
