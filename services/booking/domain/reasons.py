"""Finds the start that a request means, and names every rule that removes it (rules T1, T2 and B16)."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.booking.domain import occupied
from services.booking.domain.local_time import Interval, LocalInstant
from services.booking.domain.occupancy import NOTHING, Busy, Occupancy, Session
from services.booking.domain.public_holidays import holiday_on
from services.booking.domain.rules import Removal, Rule, StartRefusedError
from services.booking.domain.spans import lies_in
from services.booking.domain.supply import Supply, Worker
from services.booking.domain.timetable import Removed, Timetable


@dataclass(frozen=True, slots=True)
class Request:
    """A start in local time; `utc_offset` (`-05:00`) picks one of a repeated hour (rule T2)."""

    day: date
    time: time
    utc_offset: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """A start that is on offer, and who of the staff may do a new visit, in the order of the supply.

    `sessions` begin then and have room for one more customer.
    """

    start: LocalInstant
    visit: Interval
    blocked: Interval
    staff_ids: tuple[str, ...]
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a start is not free: every rule that would have to go, and as few as possible; none: it is free.

    `start` None: the clocks skip this local time (rule T1).
    """

    start: LocalInstant | None
    removals: tuple[Removal, ...]


def find(
    supply: Supply,
    request: Request,
    now: datetime,
    asked: str | None = None,
    occupancy: Occupancy | None = NOTHING,
) -> Start:
    """The start that a request means. Raises StartRefusedError.

    Only what `occupancy` has is looked at; writing decides whether it is free. None: sessions and caps
    decide too and are not known yet, so only what holds whoever does it is looked at.
    """
    look = _Look.at(supply, occupancy or NOTHING, request, now)
    if look is None:
        raise StartRefusedError([Removal(Rule.TIME_DOES_NOT_EXIST)])
    removals = look.for_all() if occupancy is None else look.removals(asked)
    if removals:
        raise StartRefusedError(removals)
    visit = look.table.visit(look.start)
    working = look.working(asked)
    return Start(look.start, visit, supply.terms.blocked_by(visit), working, look.open_sessions(asked))


def explain(
    supply: Supply, occupancy: Occupancy, request: Request, now: datetime, asked: str | None = None
) -> Explanation:
    """Why this start is not free, by those who work then and are nearest to free."""
    look = _Look.at(supply, occupancy, request, now)
    if look is None:
        return Explanation(None, (Removal(Rule.TIME_DOES_NOT_EXIST),))
    return Explanation(look.start, look.removals(asked))


def check_days(table: Timetable) -> None:
    """Raise StartRefusedError when all days of a table are over, or beyond the booking window.

    Yesterday is not over while its windows run on past midnight.
    """
    supply, now = table.supply, table.now
    if table.first > supply.last_day(now):
        raise StartRefusedError([Removal(Rule.BEYOND_WINDOW)])
    if table.last < supply.today(now) and not table.is_open_after(table.last, now):
        raise StartRefusedError([Removal(Rule.PAST)])


@dataclass(frozen=True, slots=True)
class _Look:
    """One instant, against every rule."""

    table: Timetable
    occupancy: Occupancy
    start: LocalInstant
    second: int

    @classmethod
    def at(cls, supply: Supply, occupancy: Occupancy, request: Request, now: datetime) -> "_Look | None":
        """None: the clocks do not show this time on that day."""
        table = Timetable(supply, now, request.day, request.day)
        found = table.clock.instants(datetime.combine(request.day, request.time), request.utc_offset)
        if not found:
            return None
        instant = found[0].instant
        return cls(table, occupancy, found[0], Interval(instant, instant).span[0])

    def removals(self, asked: str | None) -> tuple[Removal, ...]:
        for_all = self.for_all()
        joining = (way for _, way in self._joining(asked))
        ways: list[list[Removal]] = [*joining, self._opening(asked)]
        return (*for_all, *min(ways, key=len))

    def working(self, asked: str | None) -> tuple[str, ...]:
        """Who may do a new visit; who was asked for comes first, or alone."""
        terms, workers = self.table.supply.terms, self.table.supply.workers
        if self._for_service():
            return ()
        found = [worker.staff_id for worker in workers if not self._by_worker(worker)]
        if asked is None:
            return tuple(found)
        if asked not in found:
            return ()
        return (asked,) if terms.staff_count == 1 else tuple(sorted(found, key=lambda one: one != asked))

    def open_sessions(self, asked: str | None) -> tuple[Session, ...]:
        """Those that one more customer may join."""
        return tuple(session for session, way in self._joining(asked) if not way)

    def by_supply(self, worker: Worker) -> list[Removal]:
        """Hours, holidays and time off of one person."""
        return [
            Removal(rule, worker.staff_id, holiday=self._holiday() if rule is Rule.HOLIDAY else None)
            for rule in self._rules(self.table.for_worker(worker))
        ]

    def for_all(self) -> list[Removal]:
        rules = self._rules(self.table.for_all())
        step = self.table.supply.terms.slot_step_minutes
        if not any(self.table.clock.on_grid((self.second, self.second + 1), step)):
            rules.append(Rule.OFF_GRID)
        return [Removal(rule) for rule in sorted(rules, key=list(Rule).index)]

    def _joining(self, asked: str | None) -> list[tuple[Session, list[Removal]]]:
        """What keeps one more customer out of each session that starts then."""
        ways = []
        workers = {worker.staff_id: worker for worker in self.table.supply.workers}
        for session in occupied.joinable(self.table, self.occupancy).get(self.second, ()):
            if asked is not None and asked not in session.staff_ids:
                continue
            if not set(session.staff_ids) <= set(workers):
                continue
            way = [removal for one in session.staff_ids for removal in self.by_supply(workers[one])]
            ways.append((session, [*way, *_full(session)]))
        return ways

    def _opening(self, asked: str | None) -> list[Removal]:
        """What keeps a new visit from starting then, with those of the staff who are nearest to free:

        who works then before who does not, so that a day's carers are busy, not the night's closed; and
        whom the same keeps as most others, since a holiday that goes opens the door to all of them.
        """
        terms = self.table.supply.terms
        found = {worker.staff_id: self._by_worker(worker) for worker in self.table.supply.workers}
        if len(found) < terms.staff_count or (asked is not None and asked not in found):
            return [Removal(Rule.NO_STAFF)]
        away = {worker.staff_id: len(self.by_supply(worker)) for worker in self.table.supply.workers}
        alike = Counter(_rules_of(removals) for removals in found.values())
        nearest = sorted(
            found,
            key=lambda one: (one != asked, away[one], len(found[one]), -alike[_rules_of(found[one])]),
        )
        of_staff = [removal for staff_id in nearest[: terms.staff_count] for removal in found[staff_id]]
        return [*self._for_service(), *of_staff]

    def _for_service(self) -> list[Removal]:
        rules = self._rules(occupied.for_all(self.table, self.occupancy))
        short = [
            Removal(Rule.RESOURCE_BUSY, pool_id=need.pool_id)
            for need in self.table.supply.terms.needs
            if lies_in(self.second, occupied.too_few(self.table, self.occupancy, need))
        ]
        return [*(Removal(rule) for rule in rules if rule is not Rule.RESOURCE_BUSY), *short]

    def _by_worker(self, worker: Worker) -> list[Removal]:
        removals = self.by_supply(worker)
        for rule in self._rules(occupied.for_worker(self.table, self.occupancy, worker)):
            by_rule = self._in_the_way(worker) if rule is Rule.BUSY else [Removal(rule, worker.staff_id)]
            removals.extend(by_rule)
        return removals

    def _in_the_way(self, worker: Worker) -> list[Removal]:
        """Whether visits, holds or only buffers of one person are in the way."""
        table, second = self.table, self.second
        end = second + table.length
        found: dict[Rule, int | None] = {}
        for entry in self.occupancy.busy.get(worker.staff_id, ()):
            busy = Busy(*entry)
            if busy.start >= end + table.after or second - table.before >= busy.end:
                continue
            visit_start, visit_end = _visit(busy)
            if visit_start >= end or second >= visit_end:
                found.setdefault(Rule.BUFFER, None)
            elif busy.held_until is None:
                found.setdefault(Rule.BUSY, None)
            else:
                found[Rule.HELD] = max(busy.held_until, found.get(Rule.HELD) or busy.held_until)
        return [
            Removal(rule, worker.staff_id, until=None if until is None else _instant(until))
            for rule, until in sorted(found.items())
        ]

    def _rules(self, removed: Removed) -> list[Rule]:
        return [rule for rule, spans in removed.items() if lies_in(self.second, spans)]

    def _holiday(self) -> str | None:
        region, day = self.table.supply.holidays, self.start.local.date()
        return holiday_on(region, day) or holiday_on(region, day - timedelta(days=1))


def _rules_of(removals: list[Removal]) -> tuple[Rule, ...]:
    return tuple(removal.rule for removal in removals)


def _full(session: Session) -> list[Removal]:
    if session.seats_left:
        return []
    return [Removal(Rule.SESSION_FULL, taken=session.taken, capacity=session.capacity)]


def _visit(busy: Busy) -> tuple[int, int]:
    if busy.visit_start is None or busy.visit_end is None:
        return busy.start, busy.end
    return busy.visit_start, busy.visit_end


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
