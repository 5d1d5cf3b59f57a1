"""Which local days a booking concerns."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.booking.domain.local_time import Interval
from services.booking.domain.touched_days import Reach

NIGHT = Reach("Africa/Abidjan", opens=22 * 60, closes=26 * 60)
CAPPED = replace(NIGHT, day_caps=True)
ALWAYS = Reach("Africa/Abidjan", opens=0, closes=24 * 60)


@pytest.mark.parametrize(
    ("reach", "start", "hours", "days"),
    [
        (Reach("America/New_York"), "2026-06-10T14:00Z", 1, ["2026-06-10"]),
        (Reach("Asia/Tokyo"), "2026-06-10T23:00Z", 1, ["2026-06-11"]),
        (Reach("Africa/Abidjan"), "2026-06-10T23:00Z", 1, ["2026-06-10"]),
        (Reach("Africa/Abidjan"), "2026-06-10T23:00Z", 2, ["2026-06-10", "2026-06-11"]),
        (Reach("Africa/Abidjan", buffer_minutes=30), "2026-06-10T22:45Z", 1, ["2026-06-10", "2026-06-11"]),
        (NIGHT, "2026-06-11T00:30Z", 1, ["2026-06-10", "2026-06-11"]),
        (NIGHT, "2026-06-10T23:30Z", 1, ["2026-06-10", "2026-06-11"]),
        (NIGHT, "2026-06-11T12:00Z", 1, ["2026-06-11"]),
        (CAPPED, "2026-06-10T23:30Z", 1, ["2026-06-09", "2026-06-10", "2026-06-11"]),
        (CAPPED, "2026-06-11T12:00Z", 1, ["2026-06-10", "2026-06-11"]),
        (Reach("Africa/Abidjan", day_caps=True), "2026-06-11T12:00Z", 1, ["2026-06-11"]),
        (ALWAYS, "2026-06-11T09:00Z", 1, ["2026-06-10", "2026-06-11"]),
        (
            Reach("Africa/Abidjan", whole_weeks=True),
            "2026-06-10T12:00Z",
            1,
            [f"2026-06-{day:02d}" for day in range(8, 15)],
        ),
        (
            replace(NIGHT, whole_weeks=True),
            "2026-06-10T12:00Z",
            1,
            [f"2026-06-{day:02d}" for day in range(7, 15)],
        ),
    ],
)
def test_days_touched(reach: Reach, start: str, hours: int, days: list[str]) -> None:
    """rule T8: a visit across midnight touches two local days, and the evening whose window it lies in;
    rule T11: buffers reach further; a cap by the week reaches over the week; a cap that a visit at noon
    reaches takes times after midnight away, which are listed with the evening before."""
    instant = datetime.fromisoformat(start)
    blocked = Interval(instant, instant + timedelta(hours=hours))
    assert [day.isoformat() for day in reach.days_touched(blocked)] == days
