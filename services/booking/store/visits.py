"""Reads bookings as entries of a calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking as a calendar shows it. `local_start` and `utc_offset` are what was agreed.

    `left_versions`: of a session at work, the versions by which bookings have left it, added up; `left_at`:
    when the last one did.
    """

    booking_id: str
    session_id: str | None
    seats: int | None
    version: int
    state: str
    customer_id: str
    provider_id: str
    service_name: Mapping[str, str]
    staff_name: Mapping[str, str] | None
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    local_start: datetime
    utc_offset: str
    created_at: datetime
    changed_at: datetime
    left_versions: int = 0
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Workplace:
    """A provider; with `staff_id` one member of its staff."""

    provider_id: str
    staff_id: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Which visits: those that start from `since` to `until`, the `past` last before `now`, the `coming`
    first of the others."""

    since: datetime
    now: datetime
    until: datetime
    past: int
    coming: int


_COLUMNS = """
    booking.id::text AS booking_id, booking.session_id::text, booking.seats, booking.version, booking.state,
    booking.customer_id::text, booking.provider_id::text, booking.service_name, staff.name AS staff_name,
    booking.place,
    lower(booking.visit) AS starts_at, upper(booking.visit) AS ends_at, booking.time_zone,
    booking.local_start, booking.utc_offset, booking.created_at, booking_history.at AS changed_at
"""
_PARTS = """
    LEFT JOIN staff ON staff.id = booking.staff_id
    JOIN booking_history ON booking_history.booking_id = booking.id
        AND booking_history.version = booking.version
"""

_ONE = text(f"SELECT {_COLUMNS} FROM booking {_PARTS} WHERE booking.id = :booking_id")
_DONE_BY = text("""
    SELECT true FROM booking
     WHERE id = :booking_id AND staff_id = CAST(:staff_id AS uuid)
    UNION ALL
    SELECT true FROM further_resource
     WHERE booking_id = :booking_id AND resource_id = CAST(:staff_id AS uuid)
""")

# LIMIT keeps the planner from reading all of history once instead of a few rows of it often.
# What was never agreed is in nobody's calendar: a hold that waits for its payment, or that ended unpaid.
_AGREED = """
    (booking.state IN ('confirmed', 'in_progress', 'completed', 'no_show')
        OR booking.state IN ('pending', 'cancelled') AND booking.pending_for = 'provider'
        OR booking.state = 'cancelled' AND (
            SELECT true FROM booking_history AS agreed
             WHERE agreed.booking_id = booking.id AND agreed.to_state = 'confirmed' LIMIT 1
        ))
"""


def _listed(whose: str) -> str:
    """Both directions from now are cut, so that however much there is the nearest visits are there.

    Not between visits that start together: of a session all seats are there or none, so that what its
    entry sums up never falls.
    """
    return f"""
    (SELECT {_COLUMNS} FROM {whose} {_PARTS}
      WHERE lower(booking.visit) >= :since AND lower(booking.visit) < :now AND {_AGREED}
      ORDER BY lower(booking.visit) DESC FETCH FIRST (:past) ROWS WITH TIES)
    UNION ALL
    (SELECT {_COLUMNS} FROM {whose} {_PARTS}
      WHERE lower(booking.visit) >= :now AND lower(booking.visit) < :until AND {_AGREED}
      ORDER BY lower(booking.visit) FETCH FIRST (:coming) ROWS WITH TIES)
    """


_OF_CUSTOMER = text(
    _listed("(SELECT * FROM booking WHERE customer_id = CAST(:customer_id AS uuid)) AS booking")
)
_AT_PLACES = _listed("""
    unnest(CAST(:provider_ids AS uuid[]), CAST(:staff_ids AS uuid[])) AS place (provider_id, staff_id)
    JOIN booking ON booking.provider_id = place.provider_id
        AND (place.staff_id IS NULL OR booking.staff_id = place.staff_id OR (
            SELECT true FROM further_resource
             WHERE further_resource.booking_id = booking.id AND further_resource.resource_id = place.staff_id
        ))
""")
# In one statement, so that who leaves meanwhile is counted here or there.
_AT_WORKPLACES = text(f"""
SELECT listed.*, coalesce(gone.versions, 0) AS left_versions, gone.at AS left_at
FROM ({_AT_PLACES}) AS listed LEFT JOIN LATERAL (
    SELECT sum(left_seat.version) AS versions, max(booking_history.at) AS at
      FROM left_seat JOIN booking_history USING (booking_id, version)
     WHERE left_seat.session_id = CAST(listed.session_id AS uuid)
) AS gone ON listed.session_id IS NOT NULL
""")


def find_visit(connection: Connection, booking_id: str) -> Visit | None:
    row = connection.execute(_ONE, {"booking_id": booking_id}).one_or_none()
    return _visit(row) if row else None


def is_done_by(connection: Connection, booking_id: str, staff_id: str) -> bool:
    """Whether this one of the staff does it, alone or with others."""
    row = connection.execute(_DONE_BY, {"booking_id": booking_id, "staff_id": staff_id}).first()
    return row is not None


def visits_of_customer(connection: Connection, customer_id: str, span: Span) -> list[Visit]:
    """What was agreed with a customer, in no order."""
    return _read(connection, _OF_CUSTOMER, span, {"customer_id": customer_id})


def visits_at(connection: Connection, workplaces: Sequence[Workplace], span: Span) -> list[Visit]:
    """What was agreed at these workplaces, in no order; each of them in the list once."""
    places = {
        "provider_ids": [place.provider_id for place in workplaces],
        "staff_ids": [place.staff_id for place in workplaces],
    }
    return _read(connection, _AT_WORKPLACES, span, places)


def _read(connection: Connection, statement: TextClause, span: Span, values: dict[str, Any]) -> list[Visit]:
    bounds = {name: getattr(span, name) for name in ("since", "now", "until", "past", "coming")}
    return [_visit(row) for row in connection.execute(statement, bounds | values)]


def _visit(row: Row[Any]) -> Visit:
    values = dict(row._mapping)
    for name in ("starts_at", "ends_at", "created_at", "changed_at", "left_at"):
        if values.get(name) is not None:
            values[name] = values[name].astimezone(UTC)
    return Visit(**values)
