"""Every clock change from 2025 to 2035 in every IANA zone, as the library `whenever` knows them."""

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from whenever import ZonedDateTime

YEARS = range(2025, 2036)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """An instant, in seconds since 1970, and the offsets before and from it on, in seconds."""

    instant: int
    before: int
    after: int

    @property
    def offsets(self) -> tuple[int, int]:
        return self.before, self.after


@dataclass(frozen=True, slots=True)
class LocalChange:
    """A change in a zone; `day` is the local date that the clock shows at it."""

    zone: str
    change: Change
    day: date


@cache
def zones() -> list[str]:
    return sorted(zoneinfo.available_timezones())


@cache
def changes_of(zone: str) -> list[LocalChange]:
    """All changes of a zone in these years, in order."""
    return list(_changes_of(zone))


@cache
def every_change() -> list[LocalChange]:
    return [change for zone in zones() for change in changes_of(zone)]


@cache
def distinct_changes() -> list[LocalChange]:
    """Each change once, however many zones share it; which of them stands for it goes round."""
    sharing: dict[Change, list[LocalChange]] = {}
    for one in every_change():
        sharing.setdefault(one.change, []).append(one)
    return [sharing[change][number % len(sharing[change])] for number, change in enumerate(sorted(sharing))]


def midnight(zone: str, day: date) -> int:
    """The first instant of a local day, in seconds since 1970; it need not be 00:00 (rule T3)."""
    noon = ZonedDateTime(day.year, day.month, day.day, 12, tz=zone)
    return noon.start_of("day").timestamp()


def _changes_of(zone: str) -> Iterator[LocalChange]:
    at = ZonedDateTime(YEARS[0], 1, 1, tz=zone)
    offset = _seconds(at)
    following = at.next_transition()
    while following is not None and following.year in YEARS:
        if _seconds(following) != offset:
            change = Change(following.timestamp(), offset, _seconds(following))
            yield LocalChange(zone, change, following.date().to_stdlib())
        offset = _seconds(following)
        following = following.next_transition()


def _seconds(at: ZonedDateTime) -> int:
    return int(at.offset.total("seconds"))
