"""A slow second opinion on which starts are free: it looks at the clock on the wall every five minutes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import holidays

from services.booking.domain.calendar import Hours
from services.booking.domain.local_time import zone
from services.booking.domain.occupancy import Session
from services.booking.domain.supply import Worker
from tests.unit.booking.slot_cases import TICK, Case

Free = tuple[tuple[str, ...], int]
"""Who of the staff, and how many seats."""


def expected_slots(case: Case) -> dict[datetime, Free]:
    """Every free start that is listed with the day."""
    noon = datetime.combine(case.day, time(12), UTC)
    found = {}
    instant = noon - timedelta(hours=30)
    while instant < noon + timedelta(hours=56):
        if _is_on_grid(case, instant) and _listed_with(case, instant) == case.day:
            free = _free(case, instant)
            if free is not None:
                found[instant] = free
        instant += TICK
    return found


def _local(case: Case, instant: datetime) -> datetime:
    """What the clock on the wall shows, by the zone data itself."""
    return instant.astimezone(zone(case.supply.time_zone)).replace(tzinfo=None)


def _is_on_grid(case: Case, instant: datetime) -> bool:
    local = _local(case, instant)
    return (local.hour * 60 + local.minute) % case.supply.terms.slot_step_minutes == 0


def _listed_with(case: Case, instant: datetime) -> date:
    local = _local(case, instant)
    own_day = any(
        _shows(case, worker, local, local.date(), on_holidays=True) for worker in case.supply.workers
    )
    return local.date() if own_day else local.date() - timedelta(days=1)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def _shows(case: Case, worker: Worker, local: datetime, day: date, *, on_holidays: bool = False) -> bool:
    """Whether a window that opens on this day is open when the wall shows `local`."""
    supply = case.supply
    minutes = (local - datetime.combine(day, time())) / timedelta(minutes=1)
    if day in worker.hours.dates:
        windows = list(worker.hours.dates[day])
    elif day in supply.hours.dates:
        windows = list(supply.hours.dates[day])
    else:
        region = supply.holidays
        if region and not on_holidays and day in _holidays(region.country, day.year):
            return False
        week = worker.hours.windows if worker.hours.windows is not None else supply.hours.windows
        return any(
            one.weekday == day.isoweekday() and one.opens <= minutes < one.closes for one in week or ()
        )
    return any(one.opens <= minutes < one.closes for one in windows)


def _service_shows(hours: Hours, local: datetime, day: date) -> bool:
    minutes = (local - datetime.combine(day, time())) / timedelta(minutes=1)
    if day in hours.dates:
        return any(one.opens <= minutes < one.closes for one in hours.dates[day])
    if hours.windows is None:
        return 0 <= minutes < 24 * 60
    return any(one.weekday == day.isoweekday() and one.opens <= minutes < one.closes for one in hours.windows)


def _visit(case: Case, instant: datetime) -> list[datetime]:
    return [_local(case, instant + number * TICK) for number in range(case.supply.terms.duration // TICK)]


def _two_days(local: datetime) -> tuple[date, date]:
    return local.date(), local.date() - timedelta(days=1)


def _free(case: Case, instant: datetime) -> Free | None:
    if not _may_start(case, instant):
        return None
    working = [worker for worker in case.supply.workers if _works(case, worker, instant)]
    ids = {worker.staff_id for worker in working}
    joined = [session for session in case.occupancy.sessions if _has_room(case, session, instant, ids)]
    if joined:
        named = dict.fromkeys(staff_id for session in joined for staff_id in session.staff_ids)
        return tuple(named), sum(session.capacity - session.taken for session in joined)
    free = [worker.staff_id for worker in working if _has_time(case, worker, instant)]
    terms, asked = case.supply.terms, case.asked
    if len(free) < terms.staff_count or (asked and asked not in free) or not _service_has_room(case, instant):
        return None
    return ((asked,) if asked and terms.staff_count == 1 else tuple(free)), terms.capacity


def _has_room(case: Case, session: Session, instant: datetime, working: set[str]) -> bool:
    return (
        case.supply.terms.capacity > 1
        and session.start == instant.timestamp()
        and session.taken < session.capacity
        and set(session.staff_ids) <= working
        and (case.asked is None or case.asked in session.staff_ids)
    )


def _may_start(case: Case, instant: datetime) -> bool:
    terms, hours = case.supply.terms, case.supply.service_hours
    last = _local(case, case.now).date() + timedelta(days=terms.window_days)
    return (
        instant > case.now
        and instant >= case.now + timedelta(minutes=terms.minimum_notice_minutes)
        and _local(case, instant).date() <= last
        and (
            hours is None
            or all(
                any(_service_shows(hours, local, day) for day in _two_days(local))
                for local in _visit(case, instant)
            )
        )
    )


def _works(case: Case, worker: Worker, instant: datetime) -> bool:
    end = instant + case.supply.terms.duration
    return not any(
        off.staff_id in (None, worker.staff_id) and off.period.start < end and instant < off.period.end
        for off in case.supply.time_off
    ) and all(
        any(_shows(case, worker, local, day) for day in _two_days(local)) for local in _visit(case, instant)
    )


def _has_time(case: Case, worker: Worker, instant: datetime) -> bool:
    visits = case.occupancy.visits.get(worker.staff_id, ())
    return _is_free(case, worker.staff_id, instant) and _under_caps(
        case, visits, instant, worker.day_cap, worker.week_cap
    )


def _service_has_room(case: Case, instant: datetime) -> bool:
    terms = case.supply.terms
    return _under_caps(case, case.occupancy.service_visits, instant, terms.day_cap, terms.week_cap) and all(
        sum(_is_free(case, unit_id, instant) for unit_id in need.unit_ids) >= need.count
        for need in terms.needs
    )


def _is_free(case: Case, resource_id: str, instant: datetime) -> bool:
    terms = case.supply.terms
    start = (instant - timedelta(minutes=terms.buffer_before_minutes)).timestamp()
    end = (instant + terms.duration + timedelta(minutes=terms.buffer_after_minutes)).timestamp()
    return not any(busy[0] < end and start < busy[1] for busy in case.occupancy.busy[resource_id])


def _under_caps(
    case: Case, starts: Sequence[int], instant: datetime, day: int | None, week: int | None
) -> bool:
    own = _local(case, instant).date()
    others = [_local(case, datetime.fromtimestamp(start, UTC)).date() for start in starts]
    same_day = sum(other == own for other in others)
    same_week = sum(other.isocalendar()[:2] == own.isocalendar()[:2] for other in others)
    return (day is None or same_day < day) and (week is None or same_week < week)
