"""A provider's local clock as stretches of constant offset, so that nobody does wall-clock arithmetic."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.booking.domain.spans import Span, union

FARTHEST_OFFSET = timedelta(hours=15)
"""No zone is farther from UTC (today -12 to +14 hours)."""
LOOK_EVERY = timedelta(hours=6)
"""No zone has changed its offset and changed it back within as short a time."""
SECONDS_A_DAY = 24 * 60 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- what a clock on the wall shows has no zone
_EPOCH_ORDINAL = _LOCAL_EPOCH.toordinal()
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """Instants from `start` up to, and without, `end`; both aware, in UTC."""

    start: datetime
    end: datetime

    def widened(self, before: timedelta, after: timedelta) -> "Interval":
        return Interval(self.start - before, self.end + after)

    def overlaps(self, other: "Interval") -> bool:
        return self.start < other.end and other.start < self.end

    @property
    def span(self) -> Span:
        """Whole seconds since 1970, widened to them."""
        return (self.start - _EPOCH) // _SECOND, -((_EPOCH - self.end) // _SECOND)


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


@lru_cache(maxsize=128)
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
    """Instants of one constant offset, in whole seconds: that of `offset_seconds`."""

    start: datetime
    end: datetime
    offset: timedelta
    span: Span
    offset_seconds: int


class LocalClock:
    """The local clock of a zone for some days: which instants show which local times.

    Covers every instant at which it shows a date from `first` to `last`. Offsets change only
    between stretches; within one, local time and instant differ by a constant.
    """

    def __init__(self, stretches: list[_Stretch]) -> None:
        self._stretches = stretches
        self._begins = [stretch.span[0] for stretch in stretches]
        self._day_spans: dict[date, Span] = {}
        self._midnights: dict[date, int | None] = {}

    @classmethod
    def of(cls, zone_name: str, first: date, last: date) -> Self:
        start = datetime.combine(first, time(), UTC) - FARTHEST_OFFSET
        end = datetime.combine(last, time(), UTC) + timedelta(days=1) + FARTHEST_OFFSET
        return cls(list(_stretches(zone(zone_name), start, end)))

    def instants(self, local: datetime, utc_offset: str | None = None) -> list[LocalInstant]:
        """The instants that show this (naive) local time: none in a gap, two when it is repeated, unless an
        offset (`-05:00`) says which."""
        found = []
        for stretch in self._stretches:
            instant = _instant(local, stretch.offset)
            if stretch.start <= instant < stretch.end:
                found.append(LocalInstant(instant, local, stretch.offset))
        return [one for one in found if utc_offset in (None, one.offset_text)]

    def showing(self, day: date, from_minute: int, to_minute: int) -> list[Span]:
        """The instants that show a local time of so many minutes after the midnight of a day."""
        midnight = _local_second(day)
        local_from, local_to = midnight + from_minute * 60, midnight + to_minute * 60
        pieces = []
        for stretch in self._stretches:
            start = max(stretch.span[0], local_from - stretch.offset_seconds)
            end = min(stretch.span[1], local_to - stretch.offset_seconds)
            if start < end:
                pieces.append((start, end))
        return pieces if len(pieces) <= 1 else union(pieces)

    def plain_midnight(self, day: date) -> int | None:
        """The instant of a day's midnight, if neither that day nor the next has a change of the clock.

        So many minutes after midnight are so many minutes later then, as on nearly all days.
        """
        if day not in self._midnights:
            midnight = _local_second(day)
            start, end = midnight - self._stretches[0].offset_seconds, midnight + 2 * SECONDS_A_DAY
            stretch = self._stretch_at(start)
            start, end = midnight - stretch.offset_seconds, end - stretch.offset_seconds
            is_plain = stretch.span[0] <= start and end <= stretch.span[1]
            self._midnights[day] = start if is_plain else None
        return self._midnights[day]

    def day(self, day: date) -> Interval:
        """A local day: from its first valid instant, which need not be 00:00, to the next day's (rule T3).

        A day that the zone left out (Samoa 2011-12-30) is empty.
        """
        start, end = self.day_span(day)
        return Interval(_EPOCH + start * _SECOND, _EPOCH + end * _SECOND)

    def day_span(self, day: date) -> Span:
        """`day` in whole seconds."""
        if day not in self._day_spans:
            next_day = day + timedelta(days=1)
            self._day_spans[day] = self._first_instant(day), self._first_instant(next_day)
        return self._day_spans[day]

    def date_at(self, instant: int) -> date:
        """The date that the clock shows at an instant."""
        local = instant + self._stretch_at(instant).offset_seconds
        return date.fromordinal(_EPOCH_ORDINAL + local // SECONDS_A_DAY)

    def at(self, instant: int) -> LocalInstant:
        """What the clock shows at an instant."""
        stretch = self._stretch_at(instant)
        local = _LOCAL_EPOCH + (instant + stretch.offset_seconds) * _SECOND
        return LocalInstant(_EPOCH + instant * _SECOND, local, stretch.offset)

    def on_grid(self, span: Span, step_minutes: int) -> Iterator[int]:
        """The instants of a span at which the clock shows a multiple of `step_minutes` (rule T4)."""
        step = step_minutes * 60
        at = max(0, bisect_right(self._begins, span[0]) - 1)
        for stretch in self._stretches[at:]:
            start, end = max(span[0], stretch.span[0]), min(span[1], stretch.span[1])
            if stretch.span[0] >= span[1]:
                return
            yield from range(start + -(start + stretch.offset_seconds) % step, end, step)

    def _stretch_at(self, instant: int) -> _Stretch:
        return self._stretches[max(0, bisect_right(self._begins, instant) - 1)]

    def _first_instant(self, day: date) -> int:
        midnight = _local_second(day)
        for stretch in self._stretches:
            instant = max(stretch.span[0], midnight - stretch.offset_seconds)
            if instant < stretch.span[1]:
                return instant
        raise ValueError(f"{day} is not among the days of this clock")


@lru_cache(maxsize=512)
def local_clock(zone_name: str, first: date, last: date) -> LocalClock:
    """`LocalClock.of`, kept: many providers of one zone are asked about the same days."""
    return LocalClock.of(zone_name, first, last)


def _local_second(day: date) -> int:
    return (day.toordinal() - _EPOCH_ORDINAL) * SECONDS_A_DAY


def _instant(local: datetime, offset: timedelta) -> datetime:
    return (local - offset).replace(tzinfo=UTC)


def _stretches(zone: tzinfo, start: datetime, end: datetime) -> Iterator[_Stretch]:
    begun, offset = start, _offset(zone, start)
    looked = start
    while looked < end:
        ahead = min(looked + LOOK_EVERY, end)
        if _offset(zone, ahead) != offset:
            change = _change(zone, looked, ahead)
            yield _stretch(begun, change, offset)
            begun, offset = change, _offset(zone, ahead)
        looked = ahead
    yield _stretch(begun, end, offset)


def _stretch(start: datetime, end: datetime, offset: timedelta) -> _Stretch:
    return _Stretch(start, end, offset, Interval(start, end).span, offset // _SECOND)


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
