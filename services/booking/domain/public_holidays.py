"""Which days are public holidays in a country or a part of it, by the pinned library's data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

LANGUAGE = "en_US"


@dataclass(frozen=True, slots=True)
class HolidayRegion:
    """A country by ISO 3166-1 (`GB`) and, where holidays differ within it, a part of it (`SCT`)."""

    country: str
    subdivision: str | None = None


def check_region(region: HolidayRegion) -> None:
    """Raise ValueError for a country, or a part of it, that the data does not know."""
    parts = holidays.list_supported_countries().get(region.country)
    if parts is None or (region.subdivision is not None and region.subdivision not in parts):
        raise ValueError(f"no holidays are known of {region.country} {region.subdivision or ''}")


@lru_cache(maxsize=1024)
def is_known(region: HolidayRegion) -> bool:
    """Whether the data of this release has the region; an earlier one may have had more."""
    try:
        check_region(region)
    except ValueError:
        return False
    return True


def holiday_on(region: HolidayRegion | None, day: date) -> str | None:
    """The holiday's name in English where the data has one; None: a day like any other.

    The region is one that `is_known`.
    """
    if region is None:
        return None
    return _of_year(region, day.year).get(day)


def closed_dates(
    region: HolidayRegion | None, said: Mapping[date, Collection[object]], days: Collection[date]
) -> set[date]:
    """Those of some days that a provider has closed, and public holidays that it has not opened.

    `said`: the openings of the days of which it has said something; none: closed.
    """
    holidays_unsaid = {day for day in days if day not in said and holiday_on(region, day) is not None}
    return holidays_unsaid | {day for day, openings in said.items() if not openings}


@lru_cache(maxsize=2048)
def _of_year(region: HolidayRegion, year: int) -> dict[date, str]:
    found = holidays.country_holidays(
        region.country, subdiv=region.subdivision, years=year, language=LANGUAGE
    )
    return dict(found)
