"""Local clocks around their changes, against a table written by hand from the zone data's notices."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.booking.domain.local_time import Interval, LocalClock, offset_text, zone
from services.booking.domain.spans import lies_in, union


def _clock(zone_name: str, day: str) -> LocalClock:
    first = date.fromisoformat(day)
    return LocalClock.of(zone_name, first - timedelta(days=1), first + timedelta(days=1))


SKIPPED_AND_REPEATED = [
    # zone, local time, instants that show it
    ("America/New_York", "2026-03-08T02:30", []),
    ("America/New_York", "2026-03-08T01:59", ["2026-03-08T06:59Z"]),
    ("America/New_York", "2026-03-08T03:00", ["2026-03-08T07:00Z"]),
    ("America/New_York", "2026-11-01T01:30", ["2026-11-01T05:30Z", "2026-11-01T06:30Z"]),
    ("America/New_York", "2026-11-01T02:00", ["2026-11-01T07:00Z"]),
    ("Australia/Lord_Howe", "2026-10-04T02:15", []),
    ("Australia/Lord_Howe", "2026-10-04T02:30", ["2026-10-03T15:30Z"]),
    ("Australia/Lord_Howe", "2026-04-05T01:45", ["2026-04-04T14:45Z", "2026-04-04T15:15Z"]),
    ("Africa/Cairo", "2026-04-24T00:30", []),
    ("Africa/Cairo", "2026-10-29T23:30", ["2026-10-29T20:30Z", "2026-10-29T21:30Z"]),
    ("Asia/Beirut", "2026-03-29T00:15", []),
    ("America/Santiago", "2026-09-06T00:00", []),
    ("America/Santiago", "2026-04-04T23:30", ["2026-04-05T02:30Z", "2026-04-05T03:30Z"]),
    ("Africa/Casablanca", "2026-02-15T02:30", ["2026-02-15T01:30Z", "2026-02-15T02:30Z"]),
    ("Africa/Casablanca", "2026-03-22T02:30", []),
    ("Europe/London", "2026-10-25T01:30", ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]),
    ("Asia/Kathmandu", "2026-06-01T09:00", ["2026-06-01T03:15Z"]),
    ("Asia/Riyadh", "2026-06-01T09:00", ["2026-06-01T06:00Z"]),
]


@pytest.mark.parametrize(("zone_name", "local", "instants"), SKIPPED_AND_REPEATED)
def test_a_local_time_may_not_exist_or_exist_twice(zone_name: str, local: str, instants: list[str]) -> None:
    """rules T1, T2, T4 and T5: the instants that show a local time, by the zone's own changes."""
    naive = datetime.fromisoformat(local)
    found = _clock(zone_name, local[:10]).instants(naive)
    assert [start.instant for start in found] == [datetime.fromisoformat(text) for text in instants]


DAYS = [
    # zone, day, its first instant, its length in hours
    ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z", 23),
    ("Africa/Cairo", "2026-10-29", "2026-10-28T21:00Z", 25),
    ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00Z", 23),
    ("America/Santiago", "2026-09-06", "2026-09-06T04:00Z", 23),
    ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30Z", 23.5),
    ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", 24.5),
    ("America/New_York", "2026-03-08", "2026-03-08T05:00Z", 23),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00Z", 25),
    ("America/New_York", "2026-06-01", "2026-06-01T04:00Z", 24),
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z", 0),
]


@pytest.mark.parametrize(("zone_name", "day", "start", "hours"), DAYS)
def test_a_day_starts_at_its_first_valid_instant(zone_name: str, day: str, start: str, hours: float) -> None:
    """rule T3: a day need not start at 00:00 and need not have 24 hours."""
    found = _clock(zone_name, day).day(date.fromisoformat(day))
    assert found.start == datetime.fromisoformat(start)
    assert found.end - found.start == timedelta(hours=hours)


def test_hours_around_a_repeated_time_are_open_in_both_its_passes() -> None:
    """rule T8: opening hours are what the local clock shows, so a repeated hour may be open twice."""
    clock = _clock("America/New_York", "2026-11-01")
    assert clock.showing(date(2026, 11, 1), 0, 90) == [
        Interval(datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)).span,
        Interval(datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)).span,
    ]


def test_back_to_back_intervals_do_not_overlap() -> None:
    """rule T12: the end belongs to the next."""
    at = [datetime(2026, 6, 1, hour, tzinfo=UTC) for hour in range(3)]
    first, second = Interval(at[0], at[1]), Interval(at[1], at[2])
    assert not lies_in(first.span[1], [first.span])
    assert union([second.span, first.span]) == [Interval(at[0], at[2]).span]


@pytest.mark.parametrize(
    ("minutes", "text"), [(345, "+05:45"), (-300, "-05:00"), (-210, "-03:30"), (0, "+00:00"), (630, "+10:30")]
)
def test_offsets_as_text(minutes: int, text: str) -> None:
    assert offset_text(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "America"])
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        zone(name)
