"""Lists the free starts: all of some days, or the first of each."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.booking.domain import occupied
from services.booking.domain.local_time import Interval, LocalInstant
from services.booking.domain.occupancy import Occupancy, Session
from services.booking.domain.spans import (
    ALWAYS,
    DISTANT_PAST,
    Span,
    Spans,
    covered,
    lies_in,
    union,
    without,
)
from services.booking.domain.timetable import Removed, Timetable

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A free start, its visit, who could do it, and how many customers it has room for.

    `staff_ids` in the order of the supply's workers; when it takes several people, more than it takes
    may be named. A session that has begun to fill is offered before a new one at the same time.
    """

    start: LocalInstant
    visit: Interval
    staff_ids: tuple[str, ...]
    seats_left: int = 1


@dataclass(frozen=True, slots=True)
class _Free:
    """Where new visits may start, by worker, and the sessions that have room."""

    by_worker: Mapping[str, Spans]
    sessions: Mapping[int, list[Session]]


class _WhoIsFree:
    """Between two instants at which anybody's spans begin or end, the same people are free: with starts
    every minute and many people, nearly every start has the people of the one before."""

    def __init__(self, by_worker: Mapping[str, Spans]) -> None:
        self._by_worker = by_worker
        self._changes = sorted(
            {instant for spans in by_worker.values() for span in spans for instant in span}
        )
        self._after: dict[int, tuple[str, ...]] = {}

    def at(self, instant: int) -> tuple[str, ...]:
        """In the order of the workers."""
        changes = bisect_right(self._changes, instant)
        if changes not in self._after:
            every = self._by_worker.items()
            self._after[changes] = tuple(staff_id for staff_id, spans in every if lies_in(instant, spans))
        return self._after[changes]


def free_slots(table: Timetable, occupancy: Occupancy, asked: str | None = None) -> dict[date, list[Slot]]:
    """The free slots of every day of the table, in order; `asked`: only with this member of staff.

    Times after midnight are listed with the day on which their window opens, each start with one
    day: that which the clock shows, if a window that opened on it is open then.
    """
    found: dict[date, list[Slot]] = {day: [] for day in _days(table.first, table.last)}
    free = _free(table, occupancy)
    people = _WhoIsFree(free.by_worker)
    own_day = table.own_day(table.supply.workers)
    for instant in _starts(table, free, asked):
        day = _listed_with(table, instant, own_day)
        if day in found:
            joined = _joined(free.sessions.get(instant, ()), asked)
            staff_ids, seats = _in_sessions(joined) if joined else _alone(table, people.at(instant), asked)
            start = table.clock.at(instant)
            found[day].append(Slot(start, _visit(table, start, joined), staff_ids, seats))
    return found


def first_free(table: Timetable, occupancy: Occupancy, asked: str | None = None) -> dict[date, LocalInstant]:
    """The first free start of every day of the table that has one."""
    found: dict[date, LocalInstant] = {}
    own_day = table.own_day(table.supply.workers)
    free = _free(table, occupancy)
    # Where no window passes midnight, what comes after the first of a day is listed with it too.
    starts = _firsts(table, free, asked) if own_day == ALWAYS else _starts(table, free, asked)
    for instant in starts:
        day = _listed_with(table, instant, own_day)
        if table.first <= day <= table.last and day not in found:
            found[day] = table.clock.at(instant)
    return found


def _free(table: Timetable, occupancy: Occupancy) -> _Free:
    for_all = table.for_all()
    by_supply, by_worker = {}, {}
    shared_by_all = occupied.for_all(table, occupancy)
    for worker in table.supply.workers:
        offered = without([table.starts_in], _all(for_all, table.for_worker(worker)))
        by_supply[worker.staff_id] = offered
        taken = _all(shared_by_all, occupied.for_worker(table, occupancy, worker))
        by_worker[worker.staff_id] = without(offered, taken)
    sessions = {
        start: open_ones
        for start, all_of_start in occupied.joinable(table, occupancy).items()
        if (open_ones := [session for session in all_of_start if _has_room(session, by_supply)])
    }
    return _Free(by_worker, sessions)


def _has_room(session: Session, by_supply: dict[str, list[Span]]) -> bool:
    return session.seats_left > 0 and all(
        lies_in(session.start, by_supply.get(staff_id, ())) for staff_id in session.staff_ids
    )


def _all(*removed: Removed) -> list[Span]:
    return union(span for rules in removed for spans in rules.values() for span in spans)


def _starts(table: Timetable, free: _Free, asked: str | None) -> list[int]:
    """Every free start of the table on the grid, in order."""
    step = table.supply.terms.slot_step_minutes
    found = {instant for span in _new(table, free, asked) for instant in table.clock.on_grid(span, step)}
    return sorted(found.union(_to_join(table, free, asked)))


def _firsts(table: Timetable, free: _Free, asked: str | None) -> list[int]:
    """Of the starts at least the first of each day that the clock shows, in order."""
    step, clock = table.supply.terms.slot_step_minutes, table.clock
    found = list(_to_join(table, free, asked))
    day_ends = DISTANT_PAST
    for start, end in _new(table, free, asked):
        while day_ends < end:
            instant = next(clock.on_grid((max(start, day_ends), end), step), None)
            if instant is None:
                break
            found.append(instant)
            day_ends = clock.day_span(clock.date_at(instant))[1]
    return sorted(found)


def _to_join(table: Timetable, free: _Free, asked: str | None) -> Iterator[int]:
    """The starts on the grid of sessions with room."""
    step = table.supply.terms.slot_step_minutes
    for start, sessions in free.sessions.items():
        if _joined(sessions, asked) and start in table.clock.on_grid((start, start + 1), step):
            yield start


def _new(table: Timetable, free: _Free, asked: str | None) -> Spans:
    """Where a new visit may start: as many people are free as it takes, with the one asked for."""
    together = covered(free.by_worker.values(), table.supply.terms.staff_count)
    if asked is None:
        return together
    own = free.by_worker.get(asked, ())
    return covered([together, own], 2)


def _joined(sessions: Sequence[Session], asked: str | None) -> list[Session]:
    return [session for session in sessions if asked is None or asked in session.staff_ids]


def _in_sessions(joined: Sequence[Session]) -> tuple[tuple[str, ...], int]:
    named = dict.fromkeys(staff_id for session in joined for staff_id in session.staff_ids)
    return tuple(named), sum(session.seats_left for session in joined)


def _alone(table: Timetable, free_then: tuple[str, ...], asked: str | None) -> tuple[tuple[str, ...], int]:
    terms = table.supply.terms
    if asked is not None and terms.staff_count == 1:
        free_then = (asked,)
    return free_then, terms.capacity


def _visit(table: Timetable, start: LocalInstant, joined: Sequence[Session]) -> Interval:
    """As long as the session that one joins, or as the service."""
    end = joined[0].end if joined else None
    return table.visit(start) if end is None else Interval(start.instant, datetime.fromtimestamp(end, UTC))


def _listed_with(table: Timetable, instant: int, own_day: Spans) -> date:
    shown = table.clock.date_at(instant)
    return shown if lies_in(instant, own_day) else shown - _DAY


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
