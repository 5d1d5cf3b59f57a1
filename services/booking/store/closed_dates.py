"""Which dates a provider has closed for everybody, and what of them is open for somebody all the same."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, select

from services.booking.domain.calendar import Opening
from services.booking.domain.public_holidays import holiday_on
from services.booking.store import tables
from services.booking.store.holiday_regions import region_of
from services.booking.store.hours import EVERYBODY, Scope


def closed_dates(connection: Connection, provider_id: str, days: Collection[date]) -> set[date]:
    """Those of some days that the provider has closed by date, and public holidays that it has not opened."""
    said = openings_on(connection, provider_id, EVERYBODY, days)
    table = tables.calendar
    row = connection.execute(
        select(table.c.holiday_country, table.c.holiday_subdivision).where(table.c.provider_id == provider_id)
    ).one_or_none()
    region = None if row is None else region_of(row._asdict())
    holidays = {day for day in days if day not in said and holiday_on(region, day) is not None}
    return holidays | {day for day, openings in said.items() if not openings}


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
