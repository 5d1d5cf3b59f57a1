"""Listed starts: hand-written days around clock changes, and every day against a second opinion."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from services.booking.domain.calendar import DEFAULT_WINDOWS, Hours, Opening, TimeOff, Window
from services.booking.domain.local_time import Interval
from services.booking.domain.occupancy import NOTHING, Busy, Occupancy, Session
from services.booking.domain.public_holidays import HolidayRegion
from services.booking.domain.reasons import check_days
from services.booking.domain.rules import Rule, StartRefusedError
from services.booking.domain.slots import first_free, free_slots
from services.booking.domain.supply import Need, Supply, Terms, Worker
from services.booking.domain.timetable import Timetable
from tests.unit.booking.second_opinion import expected_slots
from tests.unit.booking.slot_cases import Case, cases

EVERY_DAY = range(1, 8)
HOUR = timedelta(hours=1)
A, B = Worker("a"), Worker("b")


def _open(opens: int, closes: int) -> tuple[Window, ...]:
    return tuple(Window(weekday, opens, closes) for weekday in EVERY_DAY)


def _supply(
    zone: str = "Africa/Abidjan", windows: tuple[Window, ...] = DEFAULT_WINDOWS, **terms: Any
) -> Supply:
    return Supply(zone, Terms(**{"duration": HOUR, **terms}), (A,), Hours(windows))


def _times(supply: Supply, day: str, occupancy: Occupancy = NOTHING, asked: str | None = None) -> list[str]:
    """`HH:MM` of each free start; asked three days before."""
    local_day = date.fromisoformat(day)
    now = datetime.combine(local_day - timedelta(days=3), time(), UTC)
    table = Timetable(supply, now, local_day, local_day)
    return [f"{slot.start.local:%H:%M}" for slot in free_slots(table, occupancy, asked)[local_day]]


AROUND_CHANGES = [
    # zone, windows, day, the starts of one-hour visits
    (
        "America/New_York",
        _open(60, 300),
        "2026-03-08",
        ["01:00-05:00", "01:30-05:00", "03:00-04:00", "03:30-04:00", "04:00-04:00"],
    ),
    (
        "America/New_York",
        _open(30, 180),
        "2026-11-01",
        ["00:30-04:00", "01:00-04:00", "01:30-04:00", "01:00-05:00", "01:30-05:00", "02:00-05:00"],
    ),
    ("Australia/Lord_Howe", _open(90, 210), "2026-10-04", ["01:30+10:30", "02:30+11:00"]),
    (
        "Australia/Lord_Howe",
        _open(60, 180),
        "2026-04-05",
        ["01:00+11:00", "01:30+11:00", "01:30+10:30", "02:00+10:30"],
    ),
    ("Africa/Cairo", _open(0, 150), "2026-04-24", ["01:00+03:00", "01:30+03:00"]),
    ("Asia/Kathmandu", _open(540, 660), "2026-06-10", ["09:00+05:45", "09:30+05:45", "10:00+05:45"]),
    (
        "Europe/London",
        _open(22 * 60, 26 * 60),
        "2026-10-24",
        "22:00+01:00 22:30+01:00 23:00+01:00 23:30+01:00 00:00+01:00 00:30+01:00 01:00+01:00 "
        "01:30+01:00 01:00+00:00".split(),
    ),
]


@pytest.mark.parametrize(("zone_name", "windows", "day", "starts"), AROUND_CHANGES)
def test_starts_around_a_clock_change(
    zone_name: str, windows: tuple[Window, ...], day: str, starts: list[str]
) -> None:
    """promise C1, rules T1, T2, T4, T6 and T8: starts on the local grid, an hour long in real time."""
    local_day = date.fromisoformat(day)
    now = datetime.combine(local_day - timedelta(days=3), time(), UTC)
    slots = free_slots(Timetable(_supply(zone_name, windows), now, local_day, local_day), NOTHING)[local_day]
    assert [f"{slot.start.local:%H:%M}{slot.start.offset_text}" for slot in slots] == starts


def test_a_provider_is_open_from_nine_to_six_unless_it_says_otherwise() -> None:
    """promise C3: the default opening hours."""
    assert _open(9 * 60, 18 * 60) == DEFAULT_WINDOWS
    starts = _times(_supply("Europe/London"), "2026-06-10")
    assert (starts[0], starts[-1]) == ("09:00", "17:00")


NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last_bookable"),
    [
        ("2026-06-10T23:59:59+00:00", "2026-09-08"),
        ("2026-06-11T00:00:00+00:00", "2026-09-09"),
    ],
)
def test_the_ninetieth_local_day_is_the_last(now: str, last_bookable: str) -> None:
    """rule T10: 90 days after today are bookable, 91 are not, on both sides of midnight."""
    at, last = datetime.fromisoformat(now), date.fromisoformat(last_bookable)
    table = Timetable(_supply(), at, last, last + timedelta(days=1))
    check_days(table)
    listed = free_slots(table, NOTHING)
    assert listed[last]
    assert not listed[last + timedelta(days=1)]
    with pytest.raises(StartRefusedError) as refused:
        check_days(Timetable(_supply(), at, last + timedelta(days=1), last + timedelta(days=1)))
    assert refused.value.rule is Rule.BEYOND_WINDOW
    yesterday = at.date() - timedelta(days=1)
    with pytest.raises(StartRefusedError) as past:
        check_days(Timetable(_supply(), at, yesterday, yesterday))
    assert past.value.rule is Rule.PAST


def test_today_is_the_providers_day() -> None:
    """rule T9: the window counts local days in the provider's zone, not the server's."""
    late_evening_in_london = datetime(2026, 6, 10, 20, tzinfo=UTC)
    assert _supply("Asia/Tokyo").today(late_evening_in_london) == date(2026, 6, 11)
    assert _supply("Asia/Tokyo").last_day(late_evening_in_london) == date(2026, 9, 9)


@pytest.mark.parametrize(
    ("now", "first"),
    [("2026-03-08T05:30Z", "04:00"), ("2026-03-08T04:59Z", "03:00"), ("2026-03-08T05:00Z", "03:00")],
)
def test_notice_is_elapsed_time(now: str, first: str) -> None:
    """rule T9: two hours before 03:00 is 00:00 on the night that skips an hour."""
    day = date(2026, 3, 8)
    supply = _supply("America/New_York", _open(0, 600), slot_step_minutes=60, minimum_notice_minutes=120)
    found = first_free(Timetable(supply, datetime.fromisoformat(now), day, day), NOTHING)
    assert f"{found[day].local:%H:%M}" == first


def test_buffers_keep_the_gap() -> None:
    """rule T11: between two visits lie the one's after and the other's before; rule T12: no more."""
    supply = _supply(slot_step_minutes=15, buffer_before_minutes=15, buffer_after_minutes=30)
    visit = Interval(datetime(2026, 6, 11, 12, tzinfo=UTC), datetime(2026, 6, 11, 13, tzinfo=UTC))
    blocked = supply.terms.blocked_by(visit)
    assert blocked == Interval(visit.start - timedelta(minutes=15), visit.end + timedelta(minutes=30))
    free = set(_times(supply, "2026-06-11", Occupancy({"a": [Busy(*blocked.span)]})))
    assert {"10:15", "13:45"} <= free
    assert not free & {"10:30", "11:00", "12:00", "13:00", "13:30"}


def test_a_window_past_midnight_lists_its_times_until_it_closes() -> None:
    """rule T8: at half past midnight, the evening's remaining times are still yesterday's."""
    supply = _supply(windows=_open(22 * 60, 26 * 60))
    day, now = date(2026, 6, 10), datetime(2026, 6, 11, 0, 15, tzinfo=UTC)
    table = Timetable(supply, now, day, day)
    check_days(table)
    slots = free_slots(table, NOTHING)[day]
    assert [f"{slot.start.local:%d %H:%M}" for slot in slots] == ["11 00:30", "11 01:00"]
    with pytest.raises(StartRefusedError):
        check_days(Timetable(supply, datetime(2026, 6, 11, 2, tzinfo=UTC), day, day))


def test_each_start_is_listed_with_one_day() -> None:
    """rule T8: what two days' windows share belongs to the day that the clock shows."""
    supply = replace(
        _supply(windows=_open(0, 26 * 60)), workers=(A, Worker("b", Hours(_open(22 * 60, 26 * 60))))
    )
    first, last = date(2026, 6, 12), date(2026, 6, 14)
    listed = free_slots(Timetable(supply, NOON, first, last), NOTHING)
    starts = [slot.start.instant for slots in listed.values() for slot in slots]
    assert len(starts) == len(set(starts)) == 3 * 48
    assert {slot.start.local.date() for slot in listed[first]} == {first}


def test_a_window_may_end_at_midnight() -> None:
    """rule T8: 24:00 is the end of the day, and two such days adjoin."""
    assert _times(_supply(windows=_open(22 * 60, 24 * 60)), "2026-06-11")[-1] == "23:00"
    assert _times(_supply(windows=_open(0, 24 * 60)), "2026-06-11")[-1] == "23:30"


def test_time_off_of_one_leaves_the_other() -> None:
    """promise C7: of several people those are offered who work."""
    period = Interval(datetime(2026, 6, 11, tzinfo=UTC), datetime(2026, 6, 12, tzinfo=UTC))
    supply = replace(_supply(), workers=(A, B), time_off=(TimeOff("a", period),))
    day = date(2026, 6, 11)
    slots = free_slots(Timetable(supply, NOON, day, day), NOTHING)[day]
    assert {slot.staff_ids for slot in slots} == {("b",)}
    assert _times(supply, "2026-06-11", asked="a") == []


def test_a_person_may_have_hours_of_their_own_and_a_service_too() -> None:
    """promise F3: the night carer works while the office is closed; the service is given on mornings only."""
    night = Worker("b", Hours(_open(22 * 60, 26 * 60)))
    supply = replace(_supply(), workers=(A, night))
    assert _times(supply, "2026-06-11", asked="b") == "22:00 22:30 23:00 23:30 00:00 00:30 01:00".split()
    mornings = replace(supply, service_hours=Hours(_open(9 * 60, 11 * 60)))
    assert _times(mornings, "2026-06-11") == "09:00 09:30 10:00".split()


def test_a_date_may_differ_from_its_week() -> None:
    """promise F3: one's own date before the provider's, that before a holiday, that before the week."""
    christmas = date(2026, 12, 25)
    closed = replace(_supply("Europe/London"), holidays=HolidayRegion("GB", "ENG"))
    assert _times(closed, "2026-12-25") == []
    open_then = replace(closed, hours=Hours(DEFAULT_WINDOWS, {christmas: (Opening(600, 660),)}))
    assert _times(open_then, "2026-12-25") == ["10:00"]
    away = replace(open_then, workers=(Worker("a", Hours(None, {christmas: ()})), B))
    assert _times(away, "2026-12-25", asked="a") == []
    assert _times(away, "2026-12-25") == ["10:00"]


def test_a_leap_day_is_a_day_like_any_other() -> None:
    """promise C1: 2028-02-29 has its times, and a range over it every day once."""
    first, last = date(2028, 2, 28), date(2028, 3, 1)
    table = Timetable(_supply(), datetime(2028, 2, 1, tzinfo=UTC), first, last)
    assert [len(slots) for slots in free_slots(table, NOTHING).values()] == [17, 17, 17]


def _second(day: str, local: str) -> int:
    return Interval(*[datetime.fromisoformat(f"{day}T{local}Z")] * 2).span[0]


def test_caps_close_the_day_and_the_week() -> None:
    """promise F3: as many visits as a person, or a service, has a day or a week, and no more."""
    monday, tuesday, sunday = "2026-06-15", "2026-06-16", "2026-06-21"
    one = Occupancy(visits={"a": [_second(monday, "09:00")]})
    by_day = replace(_supply(), workers=(Worker("a", day_cap=1),))
    assert _times(by_day, monday, one) == []
    assert _times(by_day, tuesday, one)
    by_week = replace(_supply(), workers=(Worker("a", week_cap=1),))
    assert _times(by_week, sunday, one) == []
    assert _times(by_week, "2026-06-22", one)
    of_service = _supply(day_cap=2)
    two = Occupancy(service_visits=[_second(monday, "09:00"), _second(monday, "15:00")])
    assert _times(of_service, monday, two) == []


def test_a_room_is_needed_too() -> None:
    """rule C9: free is what has everything that the visit takes."""
    supply = _supply(needs=(Need("rooms", ("r1", "r2"), 2),))
    busy = Occupancy({"r2": [Busy(_second("2026-06-11", "09:00"), _second("2026-06-11", "16:00"))]})
    assert _times(supply, "2026-06-11", busy) == "16:00 16:30 17:00".split()
    assert _times(_supply(needs=(Need("rooms", ("r1",), 2),)), "2026-06-11") == []


def test_two_do_it_together() -> None:
    """rule C9: both have to be free; who is asked for is one of them."""
    supply = replace(_supply(staff_count=2), workers=(A, B))
    busy = Occupancy({"b": [Busy(_second("2026-06-11", "09:00"), _second("2026-06-11", "16:00"))]})
    assert _times(supply, "2026-06-11", busy) == "16:00 16:30 17:00".split()
    assert _times(replace(supply, workers=(A,)), "2026-06-11") == []


def test_a_session_fills_before_another_opens() -> None:
    """rule C10: whoever comes later joins those who are there, until it is full."""
    start = _second("2026-06-11", "10:00")
    supply = replace(_supply(capacity=3), workers=(A, B))
    busy = {"a": [Busy(start, start + 3600)]}
    day = date(2026, 6, 11)
    table = Timetable(supply, NOON, day, day)
    joining = free_slots(table, Occupancy(busy, [Session(start, ("a",), 2, 3)]))[day]
    at_ten = next(slot for slot in joining if f"{slot.start.local:%H:%M}" == "10:00")
    assert (at_ten.staff_ids, at_ten.seats_left) == (("a",), 1)
    full = free_slots(table, Occupancy(busy, [Session(start, ("a",), 3, 3)]))[day]
    at_ten = next(slot for slot in full if f"{slot.start.local:%H:%M}" == "10:00")
    assert (at_ten.staff_ids, at_ten.seats_left) == (("b",), 3)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_exactly_the_free_starts_are_listed(case: Case) -> None:
    """promise C1, rules T3, T6, T7, T8, T11 and T12: nothing outside opening hours by the clock on the
    wall, nothing that touches a blocked range, and nothing left out, around every clock change."""
    table = Timetable(case.supply, case.now, case.day, case.day)
    slots = free_slots(table, case.occupancy, case.asked)[case.day]
    found = {slot.start.instant: (slot.staff_ids, slot.seats_left) for slot in slots}
    assert found == expected_slots(case)
    assert [slot.start.instant for slot in slots] == sorted({slot.start.instant for slot in slots})
    assert all(slot.visit.end - slot.visit.start == case.supply.terms.duration for slot in slots)
    first = first_free(table, case.occupancy, case.asked).get(case.day)
    assert first == (slots[0].start if slots else None)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_a_range_lists_what_its_days_list(case: Case) -> None:
    """promise C1: however many days are asked for at once, each start is listed with the same day."""
    first, last = case.day - timedelta(days=2), case.day + timedelta(days=2)
    together = free_slots(Timetable(case.supply, case.now, first, last), case.occupancy, case.asked)
    for day, slots in together.items():
        alone = Timetable(case.supply, case.now, day, day)
        assert free_slots(alone, case.occupancy, case.asked)[day] == slots
    firsts = first_free(Timetable(case.supply, case.now, first, last), case.occupancy, case.asked)
    assert firsts == {day: slots[0].start for day, slots in together.items() if slots}
