"""What bookings remove: busy people and units, reached caps; each as a set of starts."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from services.booking.domain.occupancy import Occupancy, Session
from services.booking.domain.rules import Rule
from services.booking.domain.spans import (
    DISTANT_FUTURE,
    DISTANT_PAST,
    Span,
    Spans,
    covered,
    union,
)
from services.booking.domain.supply import Need, Worker
from services.booking.domain.timetable import Removed, Timetable


def busy_for(table: Timetable, occupancy: Occupancy, resource_id: str) -> list[Span]:
    """The starts at which a person or a unit is blocked (rules T11 and T12)."""
    before, length = table.before, table.length + table.after
    # `starts_touching` of each, written out: a month of many people has thousands.
    return union(
        [(entry[0] - length + 1, entry[1] + before) for entry in occupancy.busy.get(resource_id, ())]
    )


def for_worker(table: Timetable, occupancy: Occupancy, worker: Worker) -> Removed:
    """What removes a new visit of one person: other visits, the way to them, and caps."""
    starts = occupancy.visits.get(worker.staff_id, ())
    return {
        **_caps(table, starts, worker.day_cap, worker.week_cap),
        Rule.BUSY: busy_for(table, occupancy, worker.staff_id),
        Rule.TRAVEL: occupancy.too_far.get(worker.staff_id, ()),
    }


def for_all(table: Timetable, occupancy: Occupancy) -> Removed:
    """What removes a new visit whoever does it: the service's caps, and units that are all in use."""
    terms = table.supply.terms
    short = [span for need in terms.needs for span in too_few(table, occupancy, need)]
    return {
        **_caps(table, occupancy.service_visits, terms.day_cap, terms.week_cap),
        Rule.RESOURCE_BUSY: union(short),
    }


def too_few(table: Timetable, occupancy: Occupancy, need: Need) -> list[Span]:
    """The starts at which fewer units of a pool are free than the visit needs."""
    to_spare = len(need.unit_ids) - need.count
    if to_spare < 0:
        return [(DISTANT_PAST, DISTANT_FUTURE)]
    return covered([busy_for(table, occupancy, unit_id) for unit_id in need.unit_ids], to_spare + 1)


def joinable(table: Timetable, occupancy: Occupancy) -> dict[int, list[Session]]:
    """Sessions by their start, full ones too; who joins one needs neither people nor units anew."""
    found: dict[int, list[Session]] = {}
    if table.supply.terms.capacity > 1:
        for session in occupancy.sessions:
            found.setdefault(session.start, []).append(session)
    return found


def _caps(table: Timetable, starts: Sequence[int], day_cap: int | None, week_cap: int | None) -> Removed:
    """The days and weeks in which so many visits start already."""
    removed: dict[Rule, Spans] = {}
    if day_cap is None and week_cap is None:
        return removed
    first, end = table.counted_in
    starts = [start for start in starts if first <= start < end]
    if day_cap is not None:
        days = Counter(table.clock.date_at(start) for start in starts)
        full = [day for day, visits in days.items() if visits >= day_cap]
        removed[Rule.DAY_CAP] = union(table.clock.day_span(day) for day in full)
    if week_cap is not None:
        weeks = Counter(_monday(table.clock.date_at(start)) for start in starts)
        full = [monday for monday, visits in weeks.items() if visits >= week_cap]
        removed[Rule.WEEK_CAP] = union(_week(table, monday) for monday in full)
    return removed


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(table: Timetable, monday: date) -> Span:
    return table.clock.day_span(monday)[0], table.clock.day_span(monday + timedelta(days=6))[1]
