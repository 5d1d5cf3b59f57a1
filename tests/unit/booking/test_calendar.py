"""Which local days a booking concerns."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.booking.domain.calendar import DEFAULT_WINDOWS, Calendar, Window
from services.booking.domain.local_time import Interval

ALWAYS = tuple(Window(weekday, 0, 24 * 60) for weekday in range(1, 8))
NIGHT = tuple(Window(weekday, 22 * 60, 26 * 60) for weekday in range(1, 8))


@pytest.mark.parametrize(
    ("zone", "windows", "start", "hours", "days"),
    [
        ("America/New_York", DEFAULT_WINDOWS, "2026-06-10T14:00Z", 1, ["2026-06-10"]),
        ("Asia/Tokyo", DEFAULT_WINDOWS, "2026-06-10T23:00Z", 1, ["2026-06-11"]),
        ("Africa/Abidjan", DEFAULT_WINDOWS, "2026-06-10T23:00Z", 1, ["2026-06-10"]),
        ("Africa/Abidjan", DEFAULT_WINDOWS, "2026-06-10T23:00Z", 2, ["2026-06-10", "2026-06-11"]),
        ("Africa/Abidjan", NIGHT, "2026-06-11T00:30Z", 1, ["2026-06-10", "2026-06-11"]),
        ("Africa/Abidjan", NIGHT, "2026-06-10T23:30Z", 1, ["2026-06-10", "2026-06-11"]),
        ("Africa/Abidjan", ALWAYS, "2026-06-11T09:00Z", 1, ["2026-06-10", "2026-06-11"]),
    ],
)
def test_days_touched(
    zone: str, windows: tuple[Window, ...], start: str, hours: int, days: list[str]
) -> None:
    """rule T8: a visit across midnight touches two local days, and the evening whose window it lies in."""
    instant = datetime.fromisoformat(start)
    blocked = Interval(instant, instant + timedelta(hours=hours))
    assert [day.isoformat() for day in Calendar(zone, windows).days_touched(blocked)] == days


def test_the_blocked_range_has_the_buffers() -> None:
    """rule T11: the visit and the blocked range are different things."""
    calendar = Calendar("Africa/Abidjan", buffer_before_minutes=10, buffer_after_minutes=20)
    at = datetime(2026, 6, 10, 12, tzinfo=UTC)
    blocked = calendar.blocked_by(Interval(at, at + timedelta(hours=1)))
    assert blocked == Interval(at - timedelta(minutes=10), at + timedelta(minutes=80))


def test_a_day_without_windows_is_closed() -> None:
    calendar = Calendar("Africa/Abidjan", (Window(1, 540, 1080),))
    assert calendar.windows_of(date(2026, 6, 10)) == []
