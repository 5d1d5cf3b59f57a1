"""Why a start is not free: each rule by hand, and for random supplies the rules that have to go."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.domain.calendar import DEFAULT_WINDOWS, Hours, TimeOff, Window
from services.booking.domain.local_time import Interval
from services.booking.domain.occupancy import NOTHING, Busy, Occupancy, Session
from services.booking.domain.public_holidays import HolidayRegion
from services.booking.domain.reasons import Request, explain, find
from services.booking.domain.rules import Removal, Rule, StartRefusedError
from services.booking.domain.slots import free_slots
from services.booking.domain.supply import Need, Supply, Terms, Worker
from services.booking.domain.timetable import Timetable
from tests.unit.booking.relaxing import relaxed
from tests.unit.booking.slot_cases import Case, cases

HOUR = timedelta(hours=1)
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = date(2026, 6, 11)
ALWAYS = Hours(tuple(Window(weekday, 0, 24 * 60) for weekday in range(1, 8)))
TEN = Request(DAY, time(10))


def _supply(zone: str = "Africa/Abidjan", hours: Hours | None = None, **members: object) -> Supply:
    terms = Terms(HOUR, minimum_notice_minutes=60)
    return replace(Supply(zone, terms, (Worker("a"),), hours or Hours(DEFAULT_WINDOWS)), **members)  # type: ignore[arg-type]


REFUSED = [
    ("2026-06-10", "11:30", None, Rule.PAST),
    ("2026-06-10", "12:30", None, Rule.SHORT_NOTICE),
    ("2026-06-11", "10:15", None, Rule.OFF_GRID),
    ("2026-06-11", "08:30", None, Rule.CLOSED),
    ("2026-06-11", "17:30", None, Rule.CLOSED),
    ("2026-06-11", "10:00", "-05:00", Rule.TIME_DOES_NOT_EXIST),
    ("2026-09-09", "10:00", None, Rule.BEYOND_WINDOW),
    ("2026-06-09", "10:00", None, Rule.PAST),
]


@pytest.mark.parametrize(("day", "local", "offset", "rule"), REFUSED)
def test_a_start_is_refused_for_the_first_rule_that_removes_it(
    day: str, local: str, offset: str | None, rule: Rule
) -> None:
    """promise C3: in the future, at most 90 days ahead, on the grid, within the hours."""
    with pytest.raises(StartRefusedError) as refused:
        find(_supply(), Request(date.fromisoformat(day), time.fromisoformat(local), offset), NOON)
    assert refused.value.rule is rule


def test_an_offset_picks_one_of_a_repeated_hour() -> None:
    """rule T2: the first occurrence unless the request carries an offset."""
    day, now = date(2026, 11, 1), datetime(2026, 10, 30, tzinfo=UTC)
    supply = _supply("America/New_York", ALWAYS)
    instants = {
        offset: find(supply, Request(day, time(1, 30), offset), now).start.instant
        for offset in (None, "-04:00", "-05:00")
    }
    assert instants[None] == instants["-04:00"] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert instants["-05:00"] == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_skipped_time_is_refused() -> None:
    """rule T1: never moved silently."""
    supply, request = _supply("America/New_York", ALWAYS), Request(date(2026, 3, 8), time(2, 30))
    with pytest.raises(StartRefusedError) as refused:
        find(supply, request, datetime(2026, 3, 6, tzinfo=UTC))
    assert refused.value.rule is Rule.TIME_DOES_NOT_EXIST


def _second(local: str) -> int:
    return Interval(*[datetime.fromisoformat(f"{DAY}T{local}Z")] * 2).span[0]


def _removals(supply: Supply, occupancy: Occupancy = NOTHING, request: Request = TEN) -> list[Removal]:
    return list(explain(supply, occupancy, request, NOON).removals)


def test_of_those_who_are_as_near_to_free_whom_the_same_rule_keeps_are_named() -> None:
    """rule B16: without the holiday two of the three are free, which is enough: no other rule has to go."""
    night = Hours((Window(4, 0, 60),), {date(2027, 1, 7): ()})
    workers = (Worker("a"), Worker("b", night), Worker("c"))
    supply = _supply(workers=workers, holidays=HolidayRegion("EG"), terms=Terms(HOUR, staff_count=2))
    found = explain(supply, NOTHING, Request(date(2027, 1, 7), time(10)), datetime(2027, 1, 1, tzinfo=UTC))
    assert [(one.rule, one.staff_id) for one in found.removals] == [(Rule.HOLIDAY, "a"), (Rule.HOLIDAY, "c")]


def test_a_free_start_has_no_reason() -> None:
    assert _removals(_supply()) == []


def test_each_rule_says_what_may_be_told() -> None:
    """rule B16: the explanation is the engine's own; it says when a hold ends, how full a session is, which
    holiday it is and which rooms are in use, and nothing of who booked."""
    held = Busy(_second("09:30"), _second("10:30"), held_until=_second("10:04"))
    assert _removals(_supply(), Occupancy({"a": [held]})) == [
        Removal(Rule.HELD, "a", until=datetime(2026, 6, 11, 10, 4, tzinfo=UTC))
    ]
    near = Busy(_second("10:30"), _second("12:30"), _second("11:00"), _second("12:00"))
    assert _removals(_supply(), Occupancy({"a": [near]})) == [Removal(Rule.BUFFER, "a")]
    full = Session(_second("10:00"), ("a",), 3, 3)
    shared = _supply(terms=Terms(HOUR, capacity=3))
    busy = {"a": [Busy(_second("10:00"), _second("11:00"))]}
    assert _removals(shared, Occupancy(busy, [full])) == [Removal(Rule.SESSION_FULL, taken=3, capacity=3)]
    room = _supply(terms=Terms(HOUR, needs=(Need("rooms", ("r",)),)))
    in_use = Occupancy({"r": [Busy(_second("10:00"), _second("11:00"))]})
    assert _removals(room, in_use) == [Removal(Rule.RESOURCE_BUSY, pool_id="rooms")]
    boxing_day = Request(date(2026, 12, 26), time(10))
    english = _supply(
        "Europe/London", holidays=HolidayRegion("GB", "ENG"), terms=Terms(HOUR, window_days=365)
    )
    assert _removals(english, request=boxing_day) == [Removal(Rule.HOLIDAY, "a", holiday="Boxing Day")]
    off = TimeOff(None, Interval(NOON, NOON + timedelta(days=2)))
    assert _removals(_supply(time_off=(off,))) == [Removal(Rule.TIME_OFF, "a")]
    assert _removals(_supply(service_hours=Hours(()))) == [Removal(Rule.NOT_OFFERED)]
    assert _removals(_supply(workers=())) == [Removal(Rule.NO_STAFF)]
    capped = _supply(workers=(Worker("a", day_cap=1, week_cap=1),))
    assert _removals(capped, Occupancy(visits={"a": [_second("15:00")]})) == [
        Removal(Rule.DAY_CAP, "a"),
        Removal(Rule.WEEK_CAP, "a"),
    ]


def test_of_several_people_the_nearest_to_free_explains() -> None:
    """promise C7: anyone would do; so the reason is that of whoever has fewest in the way."""
    off = TimeOff("a", Interval(NOON, NOON + timedelta(days=2)))
    supply = _supply(workers=(Worker("a"), Worker("b")), time_off=(off,))
    both = Busy(_second("09:30"), _second("10:30"))
    assert _removals(supply, Occupancy({"a": [both], "b": [both]})) == [Removal(Rule.BUSY, "b")]


def test_who_works_then_explains_before_who_does_not() -> None:
    """promise C7: the night's carer has one reason, those of the day have two; the day's are told."""
    night = Worker("b", Hours((Window(4, 22 * 60, 26 * 60),)))
    supply = _supply(workers=(Worker("a", day_cap=1), night))
    busy = Busy(_second("09:30"), _second("10:30"))
    occupancy = Occupancy({"a": [busy]}, visits={"a": [_second("09:30")]})
    assert _removals(supply, occupancy) == [Removal(Rule.DAY_CAP, "a"), Removal(Rule.BUSY, "a")]


@st.composite
def _asked_for(draw: st.DrawFn) -> tuple[Case, Request]:
    case = draw(cases())
    minutes = draw(st.integers(0, 24 * 12 - 1)) * 5
    return case, Request(case.day, time(minutes // 60, minutes % 60))


@settings(max_examples=80, deadline=None)
@given(_asked_for())
def test_exactly_the_rules_that_are_named_have_to_go(asked_for: tuple[Case, Request]) -> None:
    """rule B16: without the rules that are named the start is free; with any one of them left it is not;
    for a start that is listed none is named, and for no other."""
    case, request = asked_for
    found = explain(case.supply, case.occupancy, request, case.now, case.asked)
    assert _is_listed(case, request) == (not found.removals)
    removals = [removal for removal in found.removals if removal.rule is not Rule.TIME_DOES_NOT_EXIST]
    if removals != list(found.removals) or found.start is None:
        return
    second = Interval(found.start.instant, found.start.instant).span[0]
    without = relaxed(case, removals, second)
    assert explain(without.supply, without.occupancy, request, without.now, case.asked).removals == ()
    assert _is_listed(without, request)
    for kept in removals:
        others = [removal for removal in removals if removal.rule is not kept.rule]
        nearly = relaxed(case, others, second)
        assert explain(nearly.supply, nearly.occupancy, request, nearly.now, case.asked).removals


@settings(max_examples=60, deadline=None)
@given(cases())
def test_what_is_listed_can_be_booked(case: Case) -> None:
    """rule B16: one engine for reading and for booking."""
    table = Timetable(case.supply, case.now, case.day, case.day)
    for slot in free_slots(table, case.occupancy, case.asked)[case.day]:
        request = Request(slot.start.local.date(), slot.start.local.time(), slot.start.offset_text)
        start = find(case.supply, request, case.now, case.asked, case.occupancy)
        assert start.start == slot.start
        assert start.staff_ids or start.sessions


def _is_listed(case: Case, request: Request) -> bool:
    """With the day itself, or with the one before: times after midnight."""
    before = request.day - timedelta(days=1)
    listed = free_slots(Timetable(case.supply, case.now, before, request.day), case.occupancy, case.asked)
    local = datetime.combine(request.day, request.time)
    starts = [slot.start for slots in listed.values() for slot in slots if slot.start.local == local]
    first = explain(case.supply, NOTHING, request, case.now, case.asked).start
    return first is not None and first in starts
