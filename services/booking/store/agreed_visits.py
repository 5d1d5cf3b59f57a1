"""Reads the visits of a provider that are still to come."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.stranding import AgreedVisit
from services.booking.store.records import select_bookings, to_bookings
from services.booking.store.tables import booking as table

_TO_COME = text("""
SELECT booking.id::text, booking.service_id::text, lower(booking.visit) AS start, upper(booking.visit) AS end,
    booking.staff_id::text || ARRAY(
        SELECT further.resource_id::text FROM further_resource AS further
        JOIN staff ON staff.id = further.resource_id
        WHERE further.booking_id = booking.id
    ) AS staff_ids
FROM booking
WHERE booking.provider_id = CAST(:provider_id AS uuid) AND lower(booking.visit) > :now
    AND booking.state IN ('pending', 'confirmed', 'in_progress')
""")


def visits_to_come(connection: Connection, provider_id: str, now: datetime) -> list[AgreedVisit]:
    """All of them, held ones too."""
    rows = connection.execute(_TO_COME, {"provider_id": provider_id, "now": now})
    return [
        AgreedVisit(
            row.id,
            row.service_id,
            tuple(row.staff_ids),
            Interval(row.start.astimezone(UTC), row.end.astimezone(UTC)),
        )
        for row in rows
    ]


def bookings_by_start(connection: Connection, ids: Collection[str], limit: int) -> list[Booking]:
    """These bookings, the earliest first."""
    statement = select_bookings().where(table.c.id.in_(sorted(ids)))
    bookings = to_bookings(connection.execute(statement).all())
    return sorted(bookings, key=lambda booking: (booking.visit.start, booking.booking_id))[:limit]
