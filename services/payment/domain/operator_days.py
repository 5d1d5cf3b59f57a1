"""Days and months of the operator's books, as instants: the database never converts zones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """`[begins, ends)`."""

    begins: datetime
    ends: datetime


def beginning_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, in UTC. Where midnight is skipped it is the end of the gap (rule T3)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The day of the operator in which an instant lies."""
    return instant.astimezone(zone).date()


def days(first: date, last: date, zone: ZoneInfo) -> Period:
    """From the beginning of `first` to the end of `last`."""
    return Period(beginning_of(first, zone), beginning_of(last + ONE_DAY, zone))


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for number in range((last - first).days + 1):
        yield first + number * ONE_DAY


def month_before(instant: datetime, zone: ZoneInfo) -> Period:
    """The whole calendar month before the one in which an instant lies."""
    this = day_of(instant, zone).replace(day=1)
    last = this - ONE_DAY
    return days(last.replace(day=1), last, zone)
