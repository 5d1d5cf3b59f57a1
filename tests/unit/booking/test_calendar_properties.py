"""What holds in every IANA zone around every clock change from 2025 to 2035.

In short, as `make test` runs it: the clock of every zone, each distinct change in one of its zones,
and drawn examples. `make properties` takes every change in every zone, and many more examples.
"""

import os
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.booking.domain.local_time import LocalClock
from services.booking.domain.slots import Slot, free_slots
from tests.unit.booking.clock_changes import (
    YEARS,
    LocalChange,
    changes_of,
    distinct_changes,
    every_change,
    midnight,
    zones,
)
from tests.vectors import engine
from tests.vectors.reckoning import Reckoning
from tests.vectors.subjects import PLAIN, booking, every, on

LONG = os.environ.get("PROPERTIES") == "long"
CHANGES = every_change() if LONG else distinct_changes()
EXAMPLES = 3000 if LONG else 60
ONE_DAY = timedelta(days=1)
HALF_HOUR = 30 * 60


def test_the_clock_of_every_zone_is_that_of_the_zone_data() -> None:
    """promise C1, rules T3, T4 and T5: it turns when they say, and every day begins when they say."""
    wrong = []
    for number, zone in enumerate(zones()):
        for year in YEARS if LONG else [YEARS[number % len(YEARS)]]:
            days = [date(year, 1, 1) + timedelta(days=count) for count in range(365)]
            clock = LocalClock.of(zone, days[0], days[-1] + 2 * ONE_DAY)
            begins = [midnight(zone, day) for day in [*days, days[-1] + ONE_DAY]]
            wrong += [
                (zone, day)
                for day, span in zip(days, pairwise(begins), strict=True)
                if clock.day_span(day) != span
            ]
            wrong += [
                (zone, one.day)
                for one in changes_of(zone)
                if one.day.year == year and _offsets_at(clock, one.change.instant) != one.change.offsets
            ]
    assert not wrong


def test_every_local_day_is_covered_exactly() -> None:
    """promise C1, rules T1, T2, T3 and T12: half hours from the first instant of the day to the next day's.

    None is missing, none is there twice, each is listed with its own day, also on days of 22 to 26 hours.
    """
    wrong = []
    for one in CHANGES:
        given = _around(one) | {"weekly": every("00:00-24:00"), "duration_minutes": 30}
        for day, slots in free_slots(engine.timetable(given), engine.occupancy(given)).items():
            begins, ends = midnight(one.zone, day), midnight(one.zone, day + ONE_DAY)
            starts = [int(slot.start.instant.timestamp()) for slot in slots]
            if starts != list(range(begins, ends, HALF_HOUR)):
                wrong.append((one.zone, day))
    assert len(CHANGES) > 600
    assert not wrong


def test_no_visit_leaves_the_opening_hours() -> None:
    """promise C3, rule T6: at every quarter of an hour of a visit the wall clock shows an opened time."""
    wrong = []
    for one in CHANGES:
        given = _around(one) | {"weekly": every("22:15-27:45", "08:00-10:30"), "duration_minutes": 75}
        found = free_slots(engine.timetable(given), engine.occupancy(given))
        wrong += [
            (one.zone, slot.start.local)
            for slots in found.values()
            for slot in slots
            if not _is_inside(one.zone, slot)
        ]
        assert any(found.values())
    assert not wrong


windows = st.tuples(st.integers(0, 47), st.integers(1, 40)).map(
    lambda drawn: f"{_clock(drawn[0] * 30)}-{_clock(min(drawn[0] * 30 + drawn[1] * 15, 2880))}"
)


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """What somebody asks around a change, with hours, lengths, buffers and bookings of any kind."""
    one = draw(st.sampled_from(CHANGES))
    around = _around(one)
    opened = datetime.fromtimestamp(one.change.instant, UTC)
    return around | {
        "weekly": every(*draw(st.lists(windows, min_size=1, max_size=3))),
        "duration_minutes": draw(st.integers(1, 36)) * 5,
        "grid_minutes": draw(st.sampled_from((5, 10, 15, 20, 30, 45, 60, 90))),
        "buffer_before_minutes": draw(st.sampled_from((0, 0, 5, 15, 60))),
        "buffer_after_minutes": draw(st.sampled_from((0, 0, 10, 30))),
        "notice_minutes": draw(st.sampled_from((0, 0, 4 * 24 * 60 - 30, 4 * 24 * 60 + 90))),
        "bookings": [
            _booked(opened, draw(st.integers(-100, 100)), draw(st.integers(1, 12)))
            for _ in range(draw(st.integers(0, 3)))
        ],
    }


@given(questions())
@settings(max_examples=EXAMPLES, deadline=None, database=None)
def test_the_engine_is_right_around_any_change(question: dict[str, Any]) -> None:
    """promise C1, rules T4, T6, T9 and T11: the same as counted minute by minute without the engine."""
    assert engine.answer(question) == Reckoning(question).expected()


@given(questions())
@settings(max_examples=EXAMPLES, deadline=None, database=None)
def test_no_slot_overlaps_what_is_taken(question: dict[str, Any]) -> None:
    """promise C2, rules T11 and T12: whoever takes what is offered, one after the other, never meets another.

    Each visit is taken with its buffers; in the end nothing is free, and none touches another's range.
    """
    asked = question | {"duration_minutes": max(20, question["duration_minutes"])}
    before, after = (timedelta(minutes=asked[f"buffer_{side}_minutes"]) for side in ("before", "after"))
    taken = [_blocked(one, timedelta(0), timedelta(0)) for one in asked["bookings"]]
    own: list[tuple[datetime, datetime]] = []
    while slots := _free(asked):
        visit = slots[len(slots) // 2].visit
        own.append((visit.start - before, visit.end + after))
        one = booking(visit.start.isoformat(), visit.end.isoformat())
        buffers = {name: asked[name] for name in ("buffer_before_minutes", "buffer_after_minutes")}
        asked = asked | {"bookings": [*asked["bookings"], one | buffers]}
    assert all(end <= start for (_, end), (start, _) in pairwise(sorted(own)))
    assert all(end <= begun or ended <= start for start, end in own for begun, ended in taken)


def _free(asked: dict[str, Any]) -> list[Slot]:
    found = free_slots(engine.timetable(asked), engine.occupancy(asked))
    return [slot for slots in found.values() for slot in slots]


def _around(one: LocalChange) -> dict[str, Any]:
    """The day before a change, its day and the day after; looked at four days before the change."""
    now = datetime.fromtimestamp(one.change.instant, UTC) - 4 * ONE_DAY
    days = on((one.day - ONE_DAY).isoformat(), (one.day + ONE_DAY).isoformat())
    return PLAIN | {"zone": one.zone, "now": now.isoformat()} | days


def _booked(around: datetime, quarters: int, length: int) -> dict[str, Any]:
    start = around + quarters * timedelta(minutes=15)
    return booking(start.isoformat(), (start + length * timedelta(minutes=15)).isoformat())


def _blocked(one: dict[str, Any], before: timedelta, after: timedelta) -> tuple[datetime, datetime]:
    start, end = datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])
    return start - before, end + after


def _is_inside(zone: str, slot: Slot) -> bool:
    """By what the zone data say of each quarter of an hour, not by the engine's own clock."""
    at = slot.visit.start
    while at < slot.visit.end:
        shown = at.astimezone(ZoneInfo(zone))
        minute = shown.hour * 60 + shown.minute
        if not (minute >= 22 * 60 + 15 or minute < 3 * 60 + 45 or 8 * 60 <= minute < 10 * 60 + 30):
            return False
        at += timedelta(minutes=15)
    return True


def _offsets_at(clock: LocalClock, second: int) -> tuple[int, int]:
    """The offsets in seconds before an instant and from it on."""
    before, after = (clock.at(at).offset // timedelta(seconds=1) for at in (second - 1, second))
    return before, after


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
