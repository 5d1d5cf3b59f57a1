"""What a provider has said of single dates: of all, of a person or of a service."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, select

from services.booking.domain.calendar import Opening
from services.booking.store import tables
from services.booking.store.hours import Scope


def openings_on(
    connection: Connection, provider_id: str, scope: Scope, days: Collection[date]
) -> dict[date, list[Opening]]:
    """What counts of these hours on those of some days that they name; nothing: closed."""
    table = tables.date_hours
    staff_id, service_id = scope
    rows = connection.execute(
        select(table.c.day, table.c.opens, table.c.closes)
        .where(
            table.c.provider_id == provider_id,
            table.c.day.in_(sorted(days)),
            table.c.staff_id.is_not_distinct_from(staff_id),
            table.c.service_id.is_not_distinct_from(service_id),
        )
        .order_by(table.c.day, table.c.opens)
    )
    found: dict[date, list[Opening]] = {}
    for row in rows:
        openings = found.setdefault(row.day, [])
        if row.opens is not None:
            openings.append(Opening(row.opens, row.closes))
    return found
