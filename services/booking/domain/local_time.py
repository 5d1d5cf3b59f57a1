"""A provider's local clock as stretches of constant offset, so that nobody does wall-clock arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FARTHEST_OFFSET = timedelta(hours=15)
"""No zone is farther from UTC (today -12 to +14 hours)."""
LOOK_EVERY = timedelta(hours=6)
"""No zone has changed its offset and changed it back within as short a time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Instants from `start` up to, and without, `end`; both aware, in UTC."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Interval") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        return self.start <= other.start and other.end <= self.end

    def widened(self, before: timedelta, after: timedelta) -> "Interval":
        return Interval(self.start - before, self.end + after)


@dataclass(frozen=True, slots=True)
class LocalInstant:
    """An instant and what the local clock shows then: naive `local` and its offset from UTC."""

    instant: datetime
    local: datetime
    offset: timedelta

    @property
    def offset_text(self) -> str:
        """`-05:00`."""
        return offset_text(self.offset)


def offset_text(offset: timedelta) -> str:
    """An offset from UTC as `+05:45`; seconds, which no zone has had since 1972, are cut."""
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta(0) else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """An IANA zone. Raises ValueError for a name that the zone data does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {name}") from error


def local_instant(instant: datetime, zone_name: str) -> LocalInstant:
    """What the local clock shows at an instant, by today's zone data."""
    local = instant.astimezone(zone(zone_name))
    return LocalInstant(instant, local.replace(tzinfo=None), _offset(zone(zone_name), instant))


def local_day(instant: datetime, zone_name: str) -> date:
    """The calendar date that the local clock shows at an instant."""
    return instant.astimezone(zone(zone_name)).date()


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: datetime
    end: datetime
    offset: timedelta


class LocalClock:
    """The local clock of a zone for some days: which instants show which local times.

    Covers every instant at which it shows a date from `first` to `last`. Offsets change only
    between stretches; within one, local time and instant differ by a constant.
    """

    def __init__(self, stretches: list[_Stretch]) -> None:
        self._stretches = stretches

    @classmethod
    def of(cls, zone_name: str, first: date, last: date) -> Self:
        start = datetime.combine(first, time(), UTC) - FARTHEST_OFFSET
        end = datetime.combine(last, time(), UTC) + timedelta(days=1) + FARTHEST_OFFSET
        return cls(list(_stretches(zone(zone_name), start, end)))

    def instants(self, local: datetime) -> list[LocalInstant]:
        """The instants that show this (naive) local time: none in a gap, two when it is repeated."""
        found = []
        for stretch in self._stretches:
            instant = _instant(local, stretch.offset)
            if stretch.start <= instant < stretch.end:
                found.append(LocalInstant(instant, local, stretch.offset))
        return found

    def between(self, local_from: datetime, local_to: datetime) -> list[Interval]:
        """The instants that show a (naive) local time in `[local_from, local_to)`, in order."""
        pieces = []
        for stretch in self._stretches:
            start = max(stretch.start, _instant(local_from, stretch.offset))
            end = min(stretch.end, _instant(local_to, stretch.offset))
            if start < end:
                pieces.append(Interval(start, end))
        return merged(pieces)

    def day(self, day: date) -> Interval:
        """A local day: from its first valid instant, which need not be 00:00, to the next day's (rule T3).

        A day that the zone left out (Samoa 2011-12-30) is empty.
        """
        start = self._first_instant(day)
        return Interval(start, self._first_instant(day + timedelta(days=1)))

    def _first_instant(self, day: date) -> datetime:
        midnight = datetime.combine(day, time())
        for stretch in self._stretches:
            instant = max(stretch.start, _instant(midnight, stretch.offset))
            if instant < stretch.end:
                return instant
        raise ValueError(f"{day} is not among the days of this clock")


def merged(pieces: list[Interval]) -> list[Interval]:
    """Intervals in order, with those that touch or overlap made one."""
    result: list[Interval] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if result and piece.start <= result[-1].end:
            result[-1] = Interval(result[-1].start, max(result[-1].end, piece.end))
        else:
            result.append(piece)
    return result


def _instant(local: datetime, offset: timedelta) -> datetime:
    return (local - offset).replace(tzinfo=UTC)


def _stretches(zone: tzinfo, start: datetime, end: datetime) -> Iterator[_Stretch]:
    begun, offset = start, _offset(zone, start)
    looked = start
    while looked < end:
        ahead = min(looked + LOOK_EVERY, end)
        if _offset(zone, ahead) != offset:
            change = _change(zone, looked, ahead)
            yield _Stretch(begun, change, offset)
            begun, offset = change, _offset(zone, ahead)
        looked = ahead
    yield _Stretch(begun, end, offset)


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first instant, to the second, with the offset of `after`."""
    old = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: tzinfo, instant: datetime) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    if offset is None:
        raise ValueError("a zone has an offset at every instant")
    return offset
