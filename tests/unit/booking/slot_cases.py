"""Random supplies around clock changes, with whatever bookings have left of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from hypothesis import strategies as st

from services.booking.domain.calendar import UNSAID, Hours, Opening, TimeOff, Window
from services.booking.domain.local_time import Interval, zone
from services.booking.domain.occupancy import Busy, Occupancy, Session
from services.booking.domain.public_holidays import HolidayRegion
from services.booking.domain.supply import Need, Supply, Terms, Worker

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
STAFF = ("staff-a", "staff-b", "staff-c")
UNITS = ("room-1", "room-2")
HOLIDAYS = {"GB": date(2026, 12, 25), "EG": date(2027, 1, 7), "US": date(2026, 11, 26)}


@dataclass(frozen=True)
class Case:
    """A supply, a day, the member of staff who is asked for, and who is busy when."""

    supply: Supply
    occupancy: Occupancy
    now: datetime
    day: date
    asked: str | None


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
def _hours(draw: st.DrawFn, day: date, *, may_be_silent: bool) -> Hours:
    weekly = draw(_windows())
    dates: dict[date, Sequence[Opening]] = {}
    for offset in draw(st.sets(st.integers(-1, 1), max_size=1)):
        windows = draw(st.sampled_from([(), tuple(Opening(one.opens, one.closes) for one in weekly[:1])]))
        dates[day + timedelta(days=offset)] = windows
    silent = may_be_silent and draw(st.booleans())
    return Hours(None if silent else weekly, dates)


@st.composite
def _intervals(draw: st.DrawFn, around: datetime) -> Interval:
    start = around + timedelta(minutes=draw(_ticks(-2880, 2880)))
    return Interval(start, start + timedelta(minutes=draw(_ticks(5, 600))))


@st.composite
def _busy(draw: st.DrawFn, around: datetime) -> Busy:
    start, end = draw(_intervals(around)).span
    before, after = draw(st.sampled_from([0, 600])), draw(st.sampled_from([0, 1200]))
    return Busy(start - before, end + after, start, end, draw(st.sampled_from([None, end])))


@st.composite
def _terms(draw: st.DrawFn) -> Terms:
    cap = st.sampled_from([None, None, 1, 2])
    need = st.builds(Need, st.just("rooms"), st.just(UNITS), st.integers(1, 2))
    return Terms(
        duration=timedelta(minutes=draw(_ticks(5, 300))),
        slot_step_minutes=draw(st.sampled_from([5, 10, 15, 20, 30, 45, 60])),
        minimum_notice_minutes=draw(st.sampled_from([0, 60, 120])),
        window_days=draw(st.integers(0, 3)),
        buffer_before_minutes=draw(st.sampled_from([0, 5, 15])),
        buffer_after_minutes=draw(st.sampled_from([0, 10, 30])),
        capacity=draw(st.sampled_from([1, 1, 3])),
        staff_count=draw(st.sampled_from([1, 1, 1, 2])),
        day_cap=draw(cap),
        week_cap=draw(cap),
        needs=tuple(draw(st.lists(need, max_size=1))),
    )


@st.composite
def _workers(draw: st.DrawFn, day: date) -> tuple[Worker, ...]:
    cap = st.sampled_from([None, None, None, 1, 2])
    hours = st.one_of(st.just(UNSAID), _hours(day, may_be_silent=True))
    return tuple(
        Worker(staff_id, draw(hours), draw(cap), draw(cap)) for staff_id in STAFF[: draw(st.integers(2, 3))]
    )


@st.composite
def _occupancy(draw: st.DrawFn, noon: datetime, terms: Terms, workers: Sequence[Worker]) -> Occupancy:
    some = st.lists(_busy(noon), max_size=3)
    starts = st.lists(_intervals(noon).map(lambda found: found.span[0]), max_size=2)
    sessions = []
    if terms.capacity > 1:
        for start in draw(starts):
            staff_ids = tuple(worker.staff_id for worker in workers[: terms.staff_count])
            sessions.append(Session(start, staff_ids, draw(st.integers(1, 3)), 3))
    return Occupancy(
        {resource_id: draw(some) for resource_id in (*STAFF, *UNITS)},
        sessions,
        {worker.staff_id: draw(starts) for worker in workers},
        draw(starts),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Days on and beside clock changes and holidays; hours past midnight, lunch breaks, people with hours of
    their own, dates that differ, time off, buffers, caps, rooms, sessions, visits for two."""
    zone_name, country = draw(st.sampled_from(ZONES)), draw(st.sampled_from([None, *HOLIDAYS]))
    days = days_of_change(zone_name) if country is None else [HOLIDAYS[country]]
    day = draw(st.sampled_from(days)) + timedelta(days=draw(st.integers(-1, 1)))
    noon = datetime.combine(day, time(12), UTC)
    workers, terms = draw(_workers(day)), draw(_terms())
    time_off = st.builds(TimeOff, st.sampled_from([None, *STAFF]), _intervals(noon))
    supply = Supply(
        zone_name,
        terms,
        workers,
        draw(_hours(day, may_be_silent=False)),
        draw(st.one_of(st.none(), st.none(), _hours(day, may_be_silent=True))),
        HolidayRegion(country) if country else None,
        tuple(draw(st.lists(time_off, max_size=2))),
    )
    return Case(
        supply=supply,
        occupancy=draw(_occupancy(noon, terms, workers)),
        now=noon + timedelta(minutes=draw(_ticks(-2880, 0)), seconds=draw(st.integers(0, 59))),
        day=day,
        asked=draw(st.sampled_from([None, None, STAFF[0], STAFF[1]])),
    )
