"""Takes rules off a supply, one by one, so that what they removed may appear."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.booking.domain.calendar import Hours, Opening, Window
from services.booking.domain.occupancy import Busy, Session
from services.booking.domain.rules import Removal, Rule
from services.booking.domain.supply import Worker
from tests.unit.booking.slot_cases import Case


def relaxed(case: Case, removals: Sequence[Removal], start: int) -> Case:
    """The case without these rules, as far as they remove this start (seconds since 1970)."""
    for removal in removals:
        case = _WITHOUT[removal.rule](case, removal, start)
    return case


def _earlier(case: Case, removal: Removal, start: int) -> Case:
    now = datetime.fromtimestamp(start, UTC) - timedelta(days=2)
    return _terms(replace(case, now=min(now, case.now)), window_days=case.supply.terms.window_days + 60)


def _terms(case: Case, **terms: object) -> Case:
    changed = replace(case.supply.terms, **terms)  # type: ignore[arg-type]
    return replace(case, supply=replace(case.supply, terms=changed))


def _always_offered(case: Case, removal: Removal, start: int) -> Case:
    return replace(case, supply=replace(case.supply, service_hours=None))


def _worker(case: Case, staff_id: str | None, change: Callable[[Worker], Worker]) -> Case:
    workers = tuple(
        change(worker) if worker.staff_id == staff_id else worker for worker in case.supply.workers
    )
    return replace(case, supply=replace(case.supply, workers=workers))


def _always_open(case: Case, removal: Removal, start: int) -> Case:
    """Open all day, and as long after midnight as before."""
    of_all = case.supply.hours

    def change(worker: Worker) -> Worker:
        week = of_all.windows if worker.hours.windows is None else worker.hours.windows
        windows = tuple(
            Window(weekday, 0, _latest([one for one in week or () if one.weekday == weekday]))
            for weekday in range(1, 8)
        )
        dates = {**of_all.dates, **worker.hours.dates}
        open_dates = {day: (Opening(0, _latest(openings)),) for day, openings in dates.items()}
        return replace(worker, hours=Hours(windows, open_dates))

    return _worker(case, removal.staff_id, change)


def _latest(openings: Sequence[Opening | Window]) -> int:
    return max([24 * 60, *(opening.closes for opening in openings)])


def _no_holidays(case: Case, removal: Removal, start: int) -> Case:
    return replace(case, supply=replace(case.supply, holidays=None))


def _at_work(case: Case, removal: Removal, start: int) -> Case:
    staff_id = removal.staff_id or ""
    kept = tuple(entry for entry in case.supply.time_off if not entry.concerns(staff_id))
    return replace(case, supply=replace(case.supply, time_off=kept))


def _uncapped(name: str) -> Callable[[Case, Removal, int], Case]:
    def change(case: Case, removal: Removal, start: int) -> Case:
        if removal.staff_id is None:
            return _terms(case, **{name: None})
        return _worker(case, removal.staff_id, lambda worker: replace(worker, **{name: None}))  # type: ignore[arg-type]

    return change


def _bigger(case: Case, removal: Removal, start: int) -> Case:
    def change(session: Session) -> Session:
        return replace(session, capacity=session.capacity + 1) if session.start == start else session

    return replace(
        case,
        occupancy=replace(case.occupancy, sessions=[change(session) for session in case.occupancy.sessions]),
    )


def _without_busy(keeps: Callable[[Case, Busy, int], bool]) -> Callable[[Case, Removal, int], Case]:
    def change(case: Case, removal: Removal, start: int) -> Case:
        busy = dict(case.occupancy.busy)
        staff_id = removal.staff_id or ""
        entries = [Busy(*entry) for entry in busy.get(staff_id, ())]
        busy[staff_id] = [entry for entry in entries if keeps(case, entry, start)]
        return replace(case, occupancy=replace(case.occupancy, busy=busy))

    return change


def _is_during(case: Case, entry: Busy, start: int) -> bool:
    end = start + int(case.supply.terms.duration.total_seconds())
    return (entry.visit_start or 0) < end and start < (entry.visit_end or 0)


def _empty_rooms(case: Case, removal: Removal, start: int) -> Case:
    units = {unit_id for need in case.supply.terms.needs for unit_id in need.unit_ids}
    busy = {key: entries for key, entries in case.occupancy.busy.items() if key not in units}
    return replace(case, occupancy=replace(case.occupancy, busy=busy))


_WITHOUT: dict[Rule, Callable[[Case, Removal, int], Case]] = {
    Rule.PAST: _earlier,
    Rule.BEYOND_WINDOW: lambda case, removal, start: _terms(case, window_days=60),
    Rule.SHORT_NOTICE: lambda case, removal, start: _terms(case, minimum_notice_minutes=0),
    Rule.OFF_GRID: lambda case, removal, start: _terms(case, slot_step_minutes=5),
    Rule.NOT_OFFERED: _always_offered,
    Rule.CLOSED: _always_open,
    Rule.HOLIDAY: _no_holidays,
    Rule.TIME_OFF: _at_work,
    Rule.DAY_CAP: _uncapped("day_cap"),
    Rule.WEEK_CAP: _uncapped("week_cap"),
    Rule.SESSION_FULL: _bigger,
    Rule.BUSY: _without_busy(
        lambda case, entry, start: not _is_during(case, entry, start) or entry.held_until is not None
    ),
    Rule.HELD: _without_busy(
        lambda case, entry, start: not _is_during(case, entry, start) or entry.held_until is None
    ),
    Rule.BUFFER: _without_busy(_is_during),
    Rule.RESOURCE_BUSY: _empty_rooms,
}
