"""Random calendars around clock changes, and a slow second opinion on which starts are free."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from hypothesis import strategies as st

from services.booking.domain.calendar import Calendar, TimeOff, Window
from services.booking.domain.local_time import Interval, zone

ZONES = (
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Riyadh",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Kiritimati",
    "Pacific/Niue",
)
TICK = timedelta(minutes=5)
"""Everything in these cases lies on multiples of it, so that looking at each is looking at all."""
STAFF = ("staff-a", "staff-b")


@dataclass(frozen=True)
class Case:
    """A calendar, a day, and who is busy when."""

    calendar: Calendar
    duration: timedelta
    now: datetime
    day: date
    busy: Mapping[str, Sequence[Interval]]


@cache
def days_of_change(zone_name: str) -> list[date]:
    """The days of 2026 and 2027 with a clock change, and one without."""
    offsets = [
        (day, datetime.combine(day, time(12), UTC).astimezone(zone(zone_name)).utcoffset())
        for day in (date(2026, 1, 2) + timedelta(days=number) for number in range(700))
    ]
    changed = [
        day for (day, offset), (_, before) in zip(offsets[1:], offsets, strict=False) if offset != before
    ]
    return [*changed, date(2026, 6, 10)]


def _ticks(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low // 5, high // 5).map(lambda ticks: ticks * 5)


@st.composite
def _windows(draw: st.DrawFn) -> tuple[Window, ...]:
    windows = []
    for weekday in range(1, 8):
        opens = draw(_ticks(0, 1435))
        closes = draw(_ticks(opens + 5, min(opens + 1200, 2880)))
        windows.append(Window(weekday, opens, closes))
        if closes < 1300 and draw(st.booleans()):
            later = draw(_ticks(closes, 1435))
            windows.append(Window(weekday, later, draw(_ticks(later + 5, min(later + 600, 2880)))))
    return tuple(windows)


@st.composite
def _intervals(draw: st.DrawFn, around: datetime) -> Interval:
    start = around + timedelta(minutes=draw(_ticks(-2880, 2880)))
    return Interval(start, start + timedelta(minutes=draw(_ticks(5, 600))))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Days on and beside a clock change, hours past midnight, lunch breaks, time off, buffers."""
    zone_name = draw(st.sampled_from(ZONES))
    day = draw(st.sampled_from(days_of_change(zone_name))) + timedelta(days=draw(st.integers(-1, 1)))
    noon = datetime.combine(day, time(12), UTC)
    interval = _intervals(noon)
    time_off = draw(
        st.lists(st.builds(TimeOff, st.sampled_from([None, *STAFF]), interval), max_size=2).map(tuple)
    )
    calendar = Calendar(
        zone_name,
        draw(_windows()),
        slot_step_minutes=draw(st.sampled_from([5, 10, 15, 20, 30, 45, 60])),
        minimum_notice_minutes=draw(st.sampled_from([0, 60, 120])),
        window_days=draw(st.integers(0, 3)),
        buffer_before_minutes=draw(st.sampled_from([0, 5, 15])),
        buffer_after_minutes=draw(st.sampled_from([0, 10, 30])),
        time_off=time_off,
    )
    return Case(
        calendar=calendar,
        duration=timedelta(minutes=draw(_ticks(5, 300))),
        now=noon + timedelta(minutes=draw(_ticks(-2880, 0)), seconds=draw(st.integers(0, 59))),
        day=day,
        busy={staff_id: draw(st.lists(interval, max_size=3)) for staff_id in STAFF},
    )


def local_of(case: Case, instant: datetime) -> datetime:
    """What the clock on the wall shows, by the zone data itself."""
    return instant.astimezone(zone(case.calendar.time_zone)).replace(tzinfo=None)


def is_open(case: Case, local: datetime) -> bool:
    """Whether the wall shows a time of the opening hours of that day or of the day before."""
    return any(shown_by(case, local, local.date() - timedelta(days=back)) for back in (0, 1))


def shown_by(case: Case, local: datetime, day: date) -> bool:
    minutes = (local - datetime.combine(day, time())) / timedelta(minutes=1)
    return any(
        window.weekday == day.isoweekday() and window.opens <= minutes < window.closes
        for window in case.calendar.windows
    )


def expected_slots(case: Case) -> dict[datetime, tuple[str, ...]]:
    """Every free start of the day with its staff, found by looking at every five minutes."""
    noon = datetime.combine(case.day, time(12), UTC)
    found = {}
    instant = noon - timedelta(hours=30)
    while instant < noon + timedelta(hours=56):
        if (free := _free_staff(case, instant)) and _may_start(case, instant):
            found[instant] = free
        instant += TICK
    return found


def _may_start(case: Case, instant: datetime) -> bool:
    local = local_of(case, instant)
    today = local_of(case, case.now).date()
    visit = [instant + number * TICK for number in range(case.duration // TICK)]
    return (
        instant > case.now
        and instant >= case.now + timedelta(minutes=case.calendar.minimum_notice_minutes)
        and local.date() <= today + timedelta(days=case.calendar.window_days)
        and (local.hour * 60 + local.minute) % case.calendar.slot_step_minutes == 0
        and shown_by(case, local, case.day)
        and all(is_open(case, local_of(case, moment)) for moment in visit)
    )


def _free_staff(case: Case, instant: datetime) -> tuple[str, ...]:
    end = instant + case.duration
    before = timedelta(minutes=case.calendar.buffer_before_minutes)
    after = timedelta(minutes=case.calendar.buffer_after_minutes)
    return tuple(
        staff_id
        for staff_id in STAFF
        if not any(
            off.staff_id in (None, staff_id) and off.period.start < end and instant < off.period.end
            for off in case.calendar.time_off
        )
        and not any(
            other.start < end + after and instant - before < other.end for other in case.busy[staff_id]
        )
    )
