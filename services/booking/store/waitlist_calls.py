"""The calls to look at lines of waiting customers: written where time gets free, deleted when looked at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, text

from services.booking.store.waitlist_tables import waitlist_call
from shared.database.batches import BATCH
from shared.ids import new_id

ANY_CALL = text("SELECT EXISTS (SELECT FROM waitlist_call)")

# Who joins meanwhile has a call of their own. What another process has locked, it looks at.
_ANSWER_UNHEARD = text("""
DELETE FROM waitlist_call USING (
    SELECT call.id FROM waitlist_call AS call
    WHERE NOT EXISTS (
        SELECT FROM waitlist_entry AS entry
        WHERE entry.provider_id = call.provider_id AND entry.state = 'waiting'
            AND (call.first_day IS NULL OR entry.day BETWEEN call.first_day AND call.last_day)
    )
    ORDER BY call.id LIMIT :most
    FOR UPDATE SKIP LOCKED
) AS unheard
WHERE waitlist_call.id = unheard.id
""")

_CALL_AGAIN = text("""
WITH put_off AS (
    DELETE FROM waitlist_call WHERE id = CAST(:call_id AS uuid)
    RETURNING provider_id, first_day, last_day, at
)
INSERT INTO waitlist_call (id, provider_id, first_day, last_day, at)
SELECT CAST(:new_id AS uuid), provider_id, first_day, last_day, at FROM put_off
""")


@dataclass(frozen=True, slots=True)
class Call:
    """Time of a provider got free on these days; None: on any."""

    call_id: str
    provider_id: str
    first_day: date | None
    last_day: date | None


Freed = tuple[str, Sequence[date]]
"""A provider, and the days on which somebody in line there may be offered something; none: on any."""


def call_lines(connection: Connection, freed: Iterable[Freed], now: datetime) -> None:
    """Time of these providers gets free on these days, with this transaction's commit; no days: on any."""
    rows = [
        {
            "id": new_id(),
            "provider_id": provider_id,
            "first_day": min(days, default=None),
            "last_day": max(days, default=None),
            "at": now,
        }
        for provider_id, days in freed
    ]
    if rows:
        connection.execute(insert(waitlist_call), rows)


def lock_call(connection: Connection) -> Call | None:
    """The oldest call that nobody works on."""
    statement = select(waitlist_call).order_by(waitlist_call.c.id).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(statement).one_or_none()
    return Call(row.id, row.provider_id, row.first_day, row.last_day) if row else None


def answer_call(connection: Connection, call: Call) -> None:
    """Nobody in line can be offered anything more by it."""
    connection.execute(delete(waitlist_call).where(waitlist_call.c.id == call.call_id))


def call_again(connection: Connection, call: Call) -> None:
    """The same call, behind all others."""
    values = {"call_id": call.call_id, "new_id": new_id()}
    connection.execute(_CALL_AGAIN, values)


def answer_unheard(connection: Connection) -> None:
    """Delete the oldest calls for which nobody waits, at most a batch: where thousands come at once, as those
    of an import, hardly anybody waits for most."""
    connection.execute(_ANSWER_UNHEARD, {"most": BATCH})
