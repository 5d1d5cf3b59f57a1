"""Whose public holidays count: a region that the data has no more has none, and is told of."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from services.booking.domain.public_holidays import HolidayRegion, is_known
from services.booking.store import tables
from shared import logs
from shared.telemetry import metrics

log = logging.getLogger(__name__)


def region_of(calendar: Mapping[str, Any]) -> HolidayRegion | None:
    """None: the provider closes on no holidays, or none are known of its region any more."""
    country = calendar.get("holiday_country")
    if country is None:
        return None
    region = HolidayRegion(country, calendar.get("holiday_subdivision"))
    if is_known(region):
        return region
    metrics.holiday_regions_unknown.inc()
    _tell(region)
    return None


def region_of_provider(connection: Connection, provider_id: str) -> HolidayRegion | None:
    """The same, of a provider that has a calendar or has none."""
    table = tables.calendar
    row = connection.execute(
        select(table.c.holiday_country, table.c.holiday_subdivision).where(table.c.provider_id == provider_id)
    ).one_or_none()
    return None if row is None else region_of(row._asdict())


@lru_cache(maxsize=256)
def _tell(region: HolidayRegion) -> None:
    """Once in the life of a process: every list of free times asks."""
    logs.event(
        log,
        logging.ERROR,
        "holiday_region_unknown",
        country=region.country,
        subdivision=region.subdivision,
    )
