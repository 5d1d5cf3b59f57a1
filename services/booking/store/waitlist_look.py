"""Which lines wait for days about as far ahead as can be booked, and until when they were looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select, text, update

from services.booking.domain.supply import USUAL_WINDOW_DAYS
from services.booking.store.waitlist_tables import waitlist_look

# Local days begin at quarters of an hour of UTC, in every zone there is.
ANY_DAY_BEGUN = text("""
SELECT EXISTS (
    SELECT FROM waitlist_look
    WHERE looked_at < date_bin('15 minutes', app_now(), CAST('2000-01-01T00:00:00Z' AS timestamptz))
)
""")

# A window is not negative: what is nearer than the days that come is left out by the index. LIMIT keeps the
# planner from reading all providers once, and from looking for a window three times.
_AT_THE_EDGE = text("""
SELECT DISTINCT entry.provider_id::text, entry.day, provider.time_zone, bookable.window_days
FROM waitlist_entry AS entry
CROSS JOIN LATERAL (SELECT time_zone FROM provider WHERE provider.id = entry.provider_id LIMIT 1) AS provider
CROSS JOIN LATERAL (SELECT coalesce(
    (SELECT window_days FROM service_rules WHERE service_rules.service_id = entry.service_id),
    (SELECT window_days FROM calendar WHERE calendar.provider_id = entry.provider_id),
    :usual
) AS window_days LIMIT 1) AS bookable
WHERE entry.state = 'waiting' AND entry.day >= :first
    AND entry.day - bookable.window_days BETWEEN :first AND :last
""")


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """Somebody waits at a provider for a day near the last that can be booked."""

    provider_id: str
    day: date
    time_zone: str
    window_days: int


def lock_look(connection: Connection) -> datetime | None:
    """When lines were last looked at for such days; None: another process does it now."""
    statement = select(waitlist_look.c.looked_at).with_for_update(skip_locked=True)
    looked_at = connection.execute(statement).scalar_one_or_none()
    return looked_at.astimezone(UTC) if looked_at else None


def note_look(connection: Connection, now: datetime) -> None:
    connection.execute(update(waitlist_look).values(looked_at=now))


def lines_at_the_edge(connection: Connection, looked_at: datetime, now: datetime) -> Iterator[EdgeLine]:
    """At least the lines for days that came into their window between these instants.

    A local date is at most a day from that of UTC: which of them did is for the domain to say.
    """
    first, last = looked_at.date(), now.date() + timedelta(days=1)
    values = {"usual": USUAL_WINDOW_DAYS, "first": first, "last": last}
    for row in connection.execute(_AT_THE_EDGE, values):
        yield EdgeLine(row.provider_id, row.day, row.time_zone, row.window_days)
