"""Reads visits that were agreed, and what of a provider's supply they rest on."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.stranding import AgreedVisit
from services.booking.store.ended_holds import ended
from services.booking.store.records import select_bookings, to_bookings
from services.booking.store.tables import booking as table

_TO_COME = text(f"""
SELECT booking.id::text, booking.service_id::text, lower(booking.visit) AS start, upper(booking.visit) AS end,
    booking.staff_id::text || ARRAY(
        SELECT further.resource_id::text FROM further_resource AS further
        JOIN staff ON staff.id = further.resource_id
        WHERE further.booking_id = booking.id
    ) AS staff_ids,
    ARRAY(
        SELECT further.resource_id::text FROM further_resource AS further
        JOIN resource_unit AS unit ON unit.id = further.resource_id
        WHERE further.booking_id = booking.id
    ) AS unit_ids
FROM booking
WHERE booking.provider_id = CAST(:provider_id AS uuid) AND lower(booking.visit) > :now
    AND booking.state IN ('pending', 'confirmed', 'in_progress')
    AND NOT ({ended(":now")})
""")

_UNITS_OF = text("SELECT id::text FROM resource_unit WHERE id = ANY(CAST(:ids AS uuid[]))")

_UNITS = text("""
SELECT unit.id::text FROM resource_pool AS pool JOIN resource_unit AS unit ON unit.pool_id = pool.id
WHERE pool.provider_id = CAST(:provider_id AS uuid) AND unit.active
""")


def visits_to_come(connection: Connection, provider_id: str, now: datetime) -> list[AgreedVisit]:
    """All of them, also those that are held; not where the hold has ended, swept or not (rule C7)."""
    rows = connection.execute(_TO_COME, {"provider_id": provider_id, "now": now})
    return [
        AgreedVisit(
            row.id,
            row.service_id,
            tuple(row.staff_ids),
            Interval(row.start.astimezone(UTC), row.end.astimezone(UTC)),
            tuple(row.unit_ids),
        )
        for row in rows
    ]


def visit_of(connection: Connection, booking: Booking) -> AgreedVisit:
    """The visit of one booking, in whatever state that is."""
    ids = booking.resource_ids
    units = set(connection.execute(_UNITS_OF, {"ids": list(ids)}).scalars()) if booking.further_ids else set()
    return AgreedVisit(
        booking.booking_id,
        booking.service_id,
        tuple(one for one in ids if one not in units),
        booking.visit,
        tuple(sorted(units)),
    )


def units_in_use(connection: Connection, provider_id: str) -> set[str]:
    """The rooms and equipment that a provider has."""
    return set(connection.execute(_UNITS, {"provider_id": provider_id}).scalars())


def bookings_by_start(connection: Connection, ids: Collection[str], limit: int) -> list[Booking]:
    """These bookings, the earliest first."""
    statement = select_bookings().where(table.c.id.in_(sorted(ids)))
    bookings = to_bookings(connection.execute(statement).all())
    return sorted(bookings, key=lambda booking: (booking.visit.start, booking.booking_id))[:limit]
