"""Which starts somebody in line wishes for, where a day's hours pass midnight."""

from datetime import UTC, date, datetime, time

import pytest

from services.booking.domain.calendar import Hours, Opening, Window
from services.booking.domain.supply import Supply, Terms, Worker
from services.booking.domain.timetable import Timetable
from services.booking.domain.wished_hours import WishedHours
from tests.unit.booking.test_slots import HOUR

DAY = date(2026, 11, 20)
NIGHTS = Hours(tuple(Window(weekday, 22 * 60, 26 * 60) for weekday in range(1, 8)))


def _time(wall: str | None) -> time | None:
    return time.fromisoformat(wall) if wall else None


def _night(start: str) -> datetime:
    """From 12:00 on that day, before it on the next: as the hours of a night are listed."""
    wall = time.fromisoformat(start)
    return datetime.combine(DAY if wall.hour >= 12 else date(2026, 11, 21), wall)


@pytest.mark.parametrize(
    ("first", "last", "wished", "not_wished"),
    [
        (None, None, "22:00 23:30 00:00 01:00", ""),
        ("23:30", None, "23:30 00:00 01:00", "22:00 23:15"),
        ("23:30", "00:30", "23:30 00:00 00:30", "22:00 00:45 01:00"),
        ("22:00", "23:00", "22:00 23:00", "23:15 00:00 01:00"),
        ("00:00", "00:30", "00:00 00:30", "22:00 23:30 00:45"),
        (None, "00:30", "00:00 00:30", "22:00 23:30 00:45"),
    ],
)
def test_hours_of_a_night_are_counted_from_its_day(
    first: str | None, last: str | None, wished: str, not_wished: str
) -> None:
    """rule T8, promise C6: hours belong to the day on which they open, also of whoever waits."""
    hours = WishedHours(_time(first), _time(last))
    assert all(hours.include(DAY, _night(start)) for start in wished.split())
    assert not any(hours.include(DAY, _night(start)) for start in not_wished.split())


def test_hours_of_a_plain_day_are_those_that_the_clock_shows() -> None:
    """promise C6: both ends are wished for."""
    hours = WishedHours(time(9), time(11))
    starts = [datetime.combine(DAY, time(hour)) for hour in range(8, 13)]
    assert [hours.include(DAY, start) for start in starts] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("20T22:00", 20),
        ("21T00:30", 20),
        ("21T01:59", 20),
        ("21T02:00", 21),
        ("21T10:00", 21),
        ("20T00:30", 19),
    ],
)
def test_a_visit_belongs_to_the_night_with_which_it_is_listed(start: str, day: int) -> None:
    """rule T8: what lies in no hours, since they were changed, belongs to the day that the clock shows."""
    table = _table(Supply("Africa/Abidjan", Terms(HOUR), (Worker("a"),), NIGHTS))
    assert table.day_of(datetime.fromisoformat(f"2026-11-{start}:00+00:00")) == date(2026, 11, day)


def test_the_hours_of_the_own_day_come_before_those_of_the_night() -> None:
    """rule T8: who works from midnight on that date is listed with it, in the zone of the provider."""
    own = Worker("b", Hours(None, {date(2026, 11, 21): [Opening(0, 8 * 60)]}))
    half_past_midnight = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    for workers, day in (((Worker("a"),), 20), ((Worker("a"), own), 21)):
        table = _table(Supply("Asia/Riyadh", Terms(HOUR), workers, NIGHTS))
        assert table.day_of(half_past_midnight) == date(2026, 11, day)


def _table(supply: Supply) -> Timetable:
    return Timetable(supply, datetime(2026, 11, 1, tzinfo=UTC), DAY, DAY)
