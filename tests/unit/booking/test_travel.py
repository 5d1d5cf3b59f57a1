"""The way from one home visit to the next: what is listed, what is blocked, and nobody is late."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.booking import Place
from services.booking.domain.calendar import Hours, Window
from services.booking.domain.local_time import Interval
from services.booking.domain.occupancy import Busy, Occupancy
from services.booking.domain.reasons import Request, explain, find
from services.booking.domain.rules import Rule, StartRefusedError
from services.booking.domain.slots import free_slots
from services.booking.domain.spans import lies_in
from services.booking.domain.supply import Supply, Terms, Worker
from services.booking.domain.timetable import Timetable
from services.booking.domain.travel import StraightLine, Travel, travel_to, ways_at, within_reach
from services.booking.domain.ways import FARTHEST, NO_WAY, Way
from shared.geo import Point

DAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE, HOUR = 60, 3600
HOME = Point(0.0, 0.0)
SPEED = 30


def _east(minutes: float) -> Point:
    """As far along the equator as one gets in so many minutes, and not quite."""
    return Point(0.0, minutes * SPEED / 60 / 111.2)


def _supply(before: int = 0, after: int = 0, capacity: int = 1) -> Supply:
    made = Terms(
        timedelta(hours=1),
        slot_step_minutes=5,
        buffer_before_minutes=before,
        buffer_after_minutes=after,
        capacity=capacity,
    )
    all_day = Hours(tuple(Window(weekday, 0, 1440) for weekday in range(1, 8)))
    return Supply("Etc/UTC", made, (Worker("a"),), all_day, travel_speed_kmh=SPEED)


def _second(clock: str) -> int:
    instant = datetime.combine(DAY, time.fromisoformat(clock), UTC)
    return Interval(instant, instant).span[0]


def _visit(clock: str, place: Point | None, way: Way = NO_WAY) -> Busy:
    """An hour, with what its way blocks."""
    start, end = _second(clock), _second(clock) + HOUR
    return _kept(start, end, place, (start - way.before, end + way.after), way)


def _kept(start: int, end: int, place: Point | None, blocked: tuple[int, int], way: Way) -> Busy:
    latitude, longitude = (place.latitude, place.longitude) if place else (None, None)
    return Busy(*blocked, start, end, None, latitude, longitude, way.before, way.after)


def _free(visits: Sequence[Busy], target: Point | None, supply: Supply | None = None) -> list[str]:
    supply = supply or _supply()
    occupancy = Occupancy({"a": visits})
    reached = within_reach(occupancy, supply, travel_to(supply, Place.CUSTOMER, target))
    slots = free_slots(Timetable(supply, NOW, DAY, DAY), reached)[DAY]
    return [f"{slot.start.local:%H:%M}" for slot in slots]


def test_a_straight_line_takes_whole_minutes_and_never_more_than_the_farthest() -> None:
    """promise C7: rounded up; nobody is thought to be there before they can."""
    line = StraightLine(SPEED)
    assert line.seconds(HOME, HOME) == 0
    assert line.seconds(HOME, _east(29.5)) == 30 * MINUTE
    assert line.seconds(HOME, _east(0.1)) == MINUTE
    assert line.seconds(HOME, Point(0.0, 180.0)) == FARTHEST / timedelta(seconds=1)


def test_times_are_free_that_leave_room_for_the_way_from_the_last_and_to_the_next() -> None:
    """promise C7: to the minute; without the wanted place they are listed without the way."""
    visits = [_visit("10:00", HOME), _visit("13:00", _east(20))]
    free = _free(visits, _east(30))
    assert "08:30" in free
    assert "08:35" not in free
    assert [clock for clock in free if "10:00" <= clock < "13:00"] == [
        "11:30",
        "11:35",
        "11:40",
        "11:45",
        "11:50",
    ]
    assert "14:05" not in free
    assert "14:10" in free
    without = _free(visits, None)
    assert next(clock for clock in without if clock >= "10:00") == "11:00"


@pytest.mark.parametrize("place", [Place.PROVIDER, Place.ONLINE])
def test_only_home_visits_have_ways(place: Place) -> None:
    """promise C7: and of what customers share, or without a speed, none counts."""
    supply = _supply()
    assert travel_to(supply, Place.CUSTOMER, HOME) == Travel(HOME, StraightLine(SPEED))
    assert travel_to(supply, place, HOME) is None
    assert travel_to(supply, Place.CUSTOMER, None) is None
    assert travel_to(_supply(capacity=2), Place.CUSTOMER, HOME) is None
    assert travel_to(Supply("Etc/UTC", supply.terms, ()), Place.CUSTOMER, HOME) is None


def test_a_visit_at_the_provider_s_in_between_ends_the_way() -> None:
    """promise C7: from where one is then nobody knows."""
    far = [_visit("10:00", _east(120)), _visit("11:00", None)]
    assert "12:00" in _free(far, HOME)
    assert "12:00" not in _free(far[:1], HOME)


def test_a_way_that_is_blocked_already_is_not_asked_for_twice() -> None:
    """promise C7: the visit at 13:00 keeps 20 minutes free before it, to come from elsewhere."""
    blocked = [_visit("13:00", HOME, Way(20 * MINUTE, 0))]
    assert "11:40" in _free(blocked, HOME)
    assert "11:45" not in _free(blocked, HOME)
    assert "11:40" in _free(blocked, _east(20))
    assert "11:35" not in _free(blocked, _east(30))


def test_what_is_too_far_says_so() -> None:
    """promise C7, rule B16."""
    supply = _supply()
    occupancy = within_reach(
        Occupancy({"a": [_visit("10:00", HOME)]}), supply, travel_to(supply, Place.CUSTOMER, _east(30))
    )
    [removal] = explain(supply, occupancy, Request(DAY, time(11, 15)), NOW).removals
    assert (removal.rule, removal.staff_id) == (Rule.TRAVEL, "a")
    with pytest.raises(StartRefusedError) as refused:
        find(supply, Request(DAY, time(11, 15)), NOW, None, occupancy)
    assert refused.value.rule is Rule.TRAVEL


def test_a_long_gap_is_not_blocked_by_a_way() -> None:
    """promise C7: yesterday's visit keeps nobody from this morning's first hour."""
    supply, travel = _supply(), Travel(_east(60), StraightLine(SPEED))
    for clock, way in (("14:55", Way(60 * MINUTE, 0)), ("15:00", NO_WAY)):
        occupancy = Occupancy({"a": [_visit("10:00", HOME)]})
        assert ways_at(occupancy, supply.terms, _second(clock), ["a"], travel) == {"a": way}


places = st.sampled_from([None, HOME, _east(7), _east(25), _east(90), _east(500)])
wishes = st.lists(st.tuples(st.integers(0, 23 * 12), places), min_size=1, max_size=14)
buffers = st.sampled_from([0, 10, 45])


@given(wishes=wishes, before=buffers, after=buffers)
def test_nobody_is_late_and_what_is_listed_can_be_taken(
    wishes: list[tuple[int, Point | None]], before: int, after: int
) -> None:
    """promise C7, rules T11 and B16: whoever comes in whatever order, what is free does not overlap with what
    is blocked, and of all visits that were taken one gets from each to the next, buffers kept."""
    supply = _supply(before, after)
    taken: list[Busy] = []
    for tick, place in wishes:
        start = _second("00:00") + tick * 5 * MINUTE
        travel = travel_to(supply, Place.CUSTOMER, place)
        occupancy = within_reach(Occupancy({"a": taken}), supply, travel)
        blocked = start - before * MINUTE, start + HOUR + after * MINUTE
        overlaps = any(one.start < blocked[1] and blocked[0] < one.end for one in taken)
        if overlaps or lies_in(start, occupancy.too_far.get("a", ())):
            continue
        way = ways_at(occupancy, supply.terms, start, ["a"], travel).get("a", NO_WAY)
        blocked = blocked[0] - way.before, blocked[1] + way.after
        assert not any(one.start < blocked[1] and blocked[0] < one.end for one in taken)
        taken.append(_kept(start, start + HOUR, place, blocked, way))
    in_order = sorted(taken, key=lambda one: one.start)
    for last, following in pairwise(in_order):
        assert _leaves_time(last, following, (before + after) * MINUTE)


def _leaves_time(last: Busy, following: Busy, buffer_seconds: int) -> bool:
    gap = (following.visit_start or 0) - (last.visit_end or 0)
    ends = [
        Point(one.latitude, one.longitude)
        for one in (last, following)
        if one.latitude is not None and one.longitude is not None
    ]
    way = StraightLine(SPEED).seconds(*ends) if len(ends) == 2 else 0
    return gap >= buffer_seconds + way
