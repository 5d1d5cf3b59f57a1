"""When providers of the demo world are open and when their staff are away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deploy.local.demo_data.stable import between, chance, pick, stable_id

_WHOLE_WEEK = (1, 2, 3, 4, 5, 6, 7)
_FIRST_DAY_OFF = date(2026, 12, 1)
_LAST_DAY_OFF = date(2027, 6, 30)
_REASONS = ("holiday", "training", "sick leave")


@dataclass(frozen=True)
class Window:
    """Open on one ISO weekday, in minutes after local midnight; `closes` may pass 1440."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True)
class TimeOff:
    """An absence; without `staff_id` the whole provider is closed. Instants in UTC."""

    id: str
    staff_id: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str


def opening_hours(number: int, weekend: tuple[int, ...]) -> list[Window]:
    """The week of provider `number`: mostly 09:00-18:00 on workdays, some different, some past midnight."""
    workdays = tuple(day for day in _WHOLE_WEEK if day not in weekend)
    patterns = {
        10: (workdays, ((540, 750), (810, 1080))),  # a lunch break
        11: (_WHOLE_WEEK, ((540, 1080),)),
        12: (workdays, ((420, 900),)),
        13: (workdays, ((720, 1200),)),
        14: (_WHOLE_WEEK, ((1080, 1560),)),  # 18:00 to 02:00
        15: ((*workdays, weekend[0]), ((600, 1140),)),
    }
    days, windows = patterns.get(number % 16, (workdays, ((540, 1080),)))
    return [Window(day, opens, closes) for day in sorted(days) for opens, closes in windows]


def time_off(number: int, time_zone: str, staff_ids: list[str]) -> list[TimeOff]:
    """Absences of provider `number`: a week for some of the staff, closed days for some providers."""
    rows = [
        _absence(number, time_zone, staff_id, days=between(2, 7, "days off", staff_id))
        for staff_id in staff_ids
        if chance(40, "absent", staff_id)
    ]
    if chance(25, "closed", number):
        rows.append(_absence(number, time_zone, None, days=1))
    return rows


def local_instant(day: date, minutes: int, time_zone: str) -> datetime:
    """The instant of the wall clock's `minutes` after midnight of `day`; more than 1440 is the next day."""
    wall_day = day + timedelta(days=minutes // 1440)
    wall_time = time(minutes % 1440 // 60, minutes % 60)
    return datetime.combine(wall_day, wall_time, ZoneInfo(time_zone)).astimezone(UTC)


def _absence(number: int, time_zone: str, staff_id: str | None, days: int) -> TimeOff:
    span = (_LAST_DAY_OFF - _FIRST_DAY_OFF).days - days
    first = _FIRST_DAY_OFF + timedelta(days=between(0, span, "first day off", number, staff_id))
    return TimeOff(
        id=stable_id("time off", number, staff_id),
        staff_id=staff_id,
        starts_at=local_instant(first, 0, time_zone),
        ends_at=local_instant(first + timedelta(days=days), 0, time_zone),
        reason=pick(_REASONS, "reason", number, staff_id) if staff_id else "holiday",
    )
