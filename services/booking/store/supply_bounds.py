"""Counts what a provider keeps."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, text


class Kept(StrEnum):
    """Rows of a provider; units are those of one resource. Dates and time off that are over do not count."""

    STAFF = "staff"
    RESOURCES = "resources"
    UNITS = "units"
    WINDOWS = "windows"
    DATES = "dates"
    TIME_OFF = "time_off"


_ROWS = {
    Kept.STAFF: "staff WHERE provider_id = CAST(:owner_id AS uuid)",
    Kept.RESOURCES: "resource_pool WHERE provider_id = CAST(:owner_id AS uuid)",
    Kept.UNITS: "resource_unit WHERE pool_id = CAST(:owner_id AS uuid)",
    Kept.WINDOWS: "working_hours WHERE provider_id = CAST(:owner_id AS uuid)",
    Kept.DATES: "date_hours WHERE provider_id = CAST(:owner_id AS uuid) AND day >= :today",
    Kept.TIME_OFF: """
        time_off WHERE provider_id = CAST(:owner_id AS uuid) AND period && tstzrange(:now, NULL)
    """,
}
_COUNT = {kept: text(f"SELECT count(*) FROM {rows}") for kept, rows in _ROWS.items()}


def count_kept(connection: Connection, kept: Kept, owner_id: str, now: datetime, today: date) -> int:
    """`owner_id`: the provider, or of units the resource."""
    values: dict[str, object] = {"owner_id": owner_id}
    if kept is Kept.DATES:
        values["today"] = today
    if kept is Kept.TIME_OFF:
        values["now"] = now
    found: int = connection.execute(_COUNT[kept], values).scalar_one()
    return found
