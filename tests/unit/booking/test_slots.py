"""The slot engine: hand-written days around clock changes, and every day against a second opinion."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings

from services.booking.domain.calendar import DEFAULT_WINDOWS, Calendar, TimeOff, Window
from services.booking.domain.local_time import Interval
from services.booking.domain.slots import Offer, Refusal, Request, StartRefusedError, check_day
from tests.unit.booking.slot_cases import Case, cases, expected_slots

EVERY_DAY = range(1, 8)
HOUR = timedelta(hours=1)


def _open(opens: int, closes: int) -> tuple[Window, ...]:
    return tuple(Window(weekday, opens, closes) for weekday in EVERY_DAY)


def _offer(calendar: Calendar, day: date, now: datetime, duration: timedelta = HOUR) -> Offer:
    return Offer(calendar, duration, now, day, day)


def _listed(calendar: Calendar, day: str, duration: timedelta = HOUR) -> list[str]:
    """`HH:MM±HH:MM` of each start; asked the day before."""
    local_day = date.fromisoformat(day)
    now = datetime.combine(local_day - timedelta(days=3), time(), UTC)
    offer = _offer(calendar, local_day, now, duration)
    return [f"{start.local:%H:%M}{start.offset_text}" for start in offer.starts(local_day)]


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
    assert _listed(Calendar(zone_name, windows), day) == starts


def test_a_provider_is_open_from_nine_to_six_unless_it_says_otherwise() -> None:
    """promise C3: the default opening hours."""
    assert _open(9 * 60, 18 * 60) == DEFAULT_WINDOWS
    starts = _listed(Calendar("Europe/London"), "2026-06-10")
    assert (starts[0], starts[-1]) == ("09:00+01:00", "17:00+01:00")


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
    calendar = Calendar("Africa/Abidjan")
    at, last = datetime.fromisoformat(now), date.fromisoformat(last_bookable)
    check_day(calendar, last, at)
    with pytest.raises(StartRefusedError) as refused:
        check_day(calendar, last + timedelta(days=1), at)
    assert refused.value.refusal is Refusal.BEYOND_WINDOW
    with pytest.raises(StartRefusedError) as past:
        check_day(calendar, at.date() - timedelta(days=1), at)
    assert past.value.refusal is Refusal.PAST


def test_today_is_the_providers_day() -> None:
    """rule T9: the window counts local days in the provider's zone, not the server's."""
    late_evening_in_london = datetime(2026, 6, 10, 20, tzinfo=UTC)
    assert Calendar("Asia/Tokyo").today(late_evening_in_london) == date(2026, 6, 11)
    assert Calendar("Asia/Tokyo").last_day(late_evening_in_london) == date(2026, 9, 9)


@pytest.mark.parametrize(
    ("now", "first"),
    [("2026-03-08T05:30Z", "04:00"), ("2026-03-08T04:59Z", "03:00"), ("2026-03-08T05:00Z", "03:00")],
)
def test_notice_is_elapsed_time(now: str, first: str) -> None:
    """rule T9: two hours before 03:00 is 00:00 on the night that skips an hour."""
    calendar = Calendar("America/New_York", _open(0, 600), 60, minimum_notice_minutes=120)
    offer = _offer(calendar, date(2026, 3, 8), datetime.fromisoformat(now))
    assert f"{offer.starts(date(2026, 3, 8))[0].local:%H:%M}" == first


REFUSED = [
    ("2026-06-10", "11:30", None, Refusal.PAST),
    ("2026-06-10", "12:30", None, Refusal.SHORT_NOTICE),
    ("2026-06-11", "10:15", None, Refusal.OFF_GRID),
    ("2026-06-11", "08:30", None, Refusal.OUTSIDE_HOURS),
    ("2026-06-11", "17:30", None, Refusal.OUTSIDE_HOURS),
    ("2026-06-11", "10:00", "-05:00", Refusal.TIME_DOES_NOT_EXIST),
    ("2026-09-09", "10:00", None, Refusal.BEYOND_WINDOW),
    ("2026-06-09", "10:00", None, Refusal.PAST),
]


@pytest.mark.parametrize(("day", "local", "offset", "refusal"), REFUSED)
def test_a_start_is_refused_for_the_first_reason_that_holds(
    day: str, local: str, offset: str | None, refusal: Refusal
) -> None:
    """promise C3: in the future, at most 90 days ahead, on the grid, within the hours."""
    calendar = Calendar("Africa/Abidjan", minimum_notice_minutes=60)
    offer = _offer(calendar, date.fromisoformat(day), NOON)
    with pytest.raises(StartRefusedError) as refused:
        offer.find(Request(date.fromisoformat(day), time.fromisoformat(local), offset))
    assert refused.value.refusal is refusal


def test_an_offset_picks_one_of_a_repeated_hour() -> None:
    """rule T2: the first occurrence unless the request carries an offset."""
    day = date(2026, 11, 1)
    offer = _offer(Calendar("America/New_York", _open(0, 300)), day, datetime(2026, 10, 30, tzinfo=UTC))
    instants = {
        offset: offer.find(Request(day, time(1, 30), offset)).instant for offset in (None, "-04:00", "-05:00")
    }
    assert instants[None] == instants["-04:00"] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert instants["-05:00"] == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_skipped_time_is_refused() -> None:
    """rule T1: never moved silently."""
    day = date(2026, 3, 8)
    offer = _offer(Calendar("America/New_York", _open(0, 300)), day, datetime(2026, 3, 6, tzinfo=UTC))
    with pytest.raises(StartRefusedError) as refused:
        offer.find(Request(day, time(2, 30)))
    assert refused.value.refusal is Refusal.TIME_DOES_NOT_EXIST


def test_buffers_keep_the_gap() -> None:
    """rule T11: between two visits lie the one's after and the other's before; rule T12: no more."""
    calendar = Calendar(
        "Africa/Abidjan",
        _open(540, 1080),
        15,
        buffer_before_minutes=15,
        buffer_after_minutes=30,
    )
    day = date(2026, 6, 11)
    visit = Interval(datetime(2026, 6, 11, 12, tzinfo=UTC), datetime(2026, 6, 11, 13, tzinfo=UTC))
    offer = _offer(calendar, day, NOON)
    free = {
        f"{slot.start.local:%H:%M}" for slot in offer.free_slots(day, {"a": [calendar.blocked_by(visit)]})
    }
    assert {"10:15", "13:45"} <= free
    assert not free & {"10:30", "11:00", "12:00", "13:00", "13:30"}


def test_a_window_past_midnight_lists_its_times_until_it_closes() -> None:
    """rule T8: at half past midnight, the evening's remaining times are still yesterday's."""
    calendar = Calendar("Africa/Abidjan", _open(22 * 60, 26 * 60))
    day, now = date(2026, 6, 10), datetime(2026, 6, 11, 0, 15, tzinfo=UTC)
    offer = _offer(calendar, day, now)
    assert not offer.is_over(day)
    assert [f"{start.local:%d %H:%M}" for start in offer.starts(day)] == ["11 00:30", "11 01:00"]
    assert _offer(calendar, day, datetime(2026, 6, 11, 2, tzinfo=UTC)).is_over(day)


def test_time_off_of_one_leaves_the_other() -> None:
    day = date(2026, 6, 11)
    off = TimeOff("a", Interval(datetime(2026, 6, 11, tzinfo=UTC), datetime(2026, 6, 12, tzinfo=UTC)))
    calendar = replace(Calendar("Africa/Abidjan"), time_off=(off,))
    slots = list(_offer(calendar, day, NOON).free_slots(day, {"a": [], "b": []}))
    assert {slot.staff_ids for slot in slots} == {("b",)}


@settings(max_examples=100, deadline=None)
@given(cases())
def test_exactly_the_free_starts_are_listed(case: Case) -> None:
    """promise C1, rules T3, T6, T7, T8, T11 and T12: nothing outside opening hours by the clock on the
    wall, nothing that touches a blocked range, and nothing left out, around every clock change."""
    offer = Offer(case.calendar, case.duration, case.now, case.day, case.day)
    slots = list(offer.free_slots(case.day, case.busy))
    assert {slot.start.instant: slot.staff_ids for slot in slots} == expected_slots(case)
    assert [slot.start.instant for slot in slots] == sorted({slot.start.instant for slot in slots})
    assert all(slot.visit.end - slot.visit.start == case.duration for slot in slots)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_what_is_listed_can_be_booked_and_nothing_else(case: Case) -> None:
    """rule B16: one engine for reading and for booking."""
    offer = Offer(case.calendar, case.duration, case.now, case.day, case.day)
    listed = {start.instant for start in offer.starts(case.day)}
    for start in offer.starts(case.day):
        own = Offer(case.calendar, case.duration, case.now, start.local.date(), start.local.date())
        assert own.find(Request(start.local.date(), start.local.time(), start.offset_text)) == start
    midnight = datetime.combine(case.day, time())
    for minutes in range(0, 24 * 60, 15):
        local = midnight + timedelta(minutes=minutes)
        yesterday = {start.instant for start in offer.starts(case.day - timedelta(days=1))}
        try:
            found = offer.find(Request(case.day, local.time()))
        except StartRefusedError:
            continue
        assert found.instant in listed | yesterday
