"""The slot engine: which starts are free. One engine for reading and for booking (rule B16)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.booking.domain.calendar import MINUTES_A_DAY, Calendar
from services.booking.domain.local_time import Interval, LocalClock, LocalInstant, merged


class Refusal(StrEnum):
    """Why a start is not offered, in the order in which it is checked."""

    PAST = "past"
    BEYOND_WINDOW = "beyond_window"
    TIME_DOES_NOT_EXIST = "time_does_not_exist"
    SHORT_NOTICE = "short_notice"
    OFF_GRID = "off_grid"
    OUTSIDE_HOURS = "outside_hours"
    TIME_OFF = "time_off"


class StartRefusedError(Exception):
    """A start that this calendar does not offer to anyone, free or not."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Slot:
    """A free start, its visit, and who of the staff could do it."""

    start: LocalInstant
    visit: Interval
    staff_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A start in local time; `utc_offset` (`-05:00`) picks one of a repeated hour (rule T2)."""

    day: date
    time: time
    utc_offset: str | None = None


def check_day(calendar: Calendar, day: date, now: datetime) -> None:
    """Refuse a local day that is over or beyond the booking window (rules T9, T10)."""
    if day < calendar.today(now):
        raise StartRefusedError(Refusal.PAST)
    if day > calendar.last_day(now):
        raise StartRefusedError(Refusal.BEYOND_WINDOW)


class Offer:
    """The starts that a calendar offers on some days for visits of one length, at one moment.

    `first` and `last` are local days. Windows of the days around them are known too: they may pass
    midnight, and a visit may run on into the next day's.
    """

    def __init__(
        self, calendar: Calendar, duration: timedelta, now: datetime, first: date, last: date
    ) -> None:
        self._calendar = calendar
        self._duration = duration
        self._now = now
        self._last_day = calendar.last_day(now)
        before, after = first - timedelta(days=1), last + timedelta(days=2)
        self._clock = LocalClock.of(calendar.time_zone, before, after + timedelta(days=1))
        self._opened = {day: calendar.open_times(self._clock, day) for day in _days(before, after)}
        self._open = merged([piece for pieces in self._opened.values() for piece in pieces])

    def range_of(self, day: date) -> Interval | None:
        """All instants that a blocked range of a start of this day can touch; None: no opening hours."""
        pieces = self._opened[day]
        if not pieces:
            return None
        visits = Interval(pieces[0].start, pieces[-1].end + self._duration)
        return self._calendar.blocked_by(visits)

    def is_over(self, day: date) -> bool:
        """Whether the day has passed and its windows, which may run past midnight, with it."""
        if day >= self._calendar.today(self._now):
            return False
        return all(piece.end <= self._now for piece in self._opened[day])

    def find(self, request: Request) -> LocalInstant:
        """The start that a request means. Raises StartRefusedError (rules T1, T2, T9, T10).

        Staff's time off is not looked at here: `staff_at` does.
        """
        check_day(self._calendar, request.day, self._now)
        found = self._clock.instants(datetime.combine(request.day, request.time))
        if request.utc_offset is not None:
            found = [start for start in found if start.offset_text == request.utc_offset]
        if not found:
            raise StartRefusedError(Refusal.TIME_DOES_NOT_EXIST)
        start = found[0]
        refusal = self._refusal(start)
        if refusal is not None:
            raise StartRefusedError(refusal)
        return start

    def visit(self, start: LocalInstant) -> Interval:
        """Elapsed time, whatever the local clock does meanwhile (rule T6)."""
        return Interval(start.instant, start.instant + self._duration)

    def staff_at(self, visit: Interval, staff_ids: Collection[str]) -> list[str]:
        """Who of the staff is not off during the visit, in the given order."""
        off = [entry for entry in self._calendar.time_off if entry.period.overlaps(visit)]
        return [staff_id for staff_id in staff_ids if not any(entry.concerns(staff_id) for entry in off)]

    def starts(self, day: date) -> list[LocalInstant]:
        """Every start of the windows of a day that may be booked, in order, busy or not."""
        found = {
            start.instant: start
            for local in self._grid(day)
            for start in self._clock.instants(local)
            if self._refusal(start) is None
        }
        return [found[instant] for instant in sorted(found)]

    def free_slots(self, day: date, busy: Mapping[str, Collection[Interval]]) -> Iterator[Slot]:
        """The free starts of a day in order. `busy` has each candidate's blocked ranges (rule T12)."""
        for start in self.starts(day):
            visit = self.visit(start)
            blocked = self._calendar.blocked_by(visit)
            free = tuple(
                staff_id
                for staff_id in self.staff_at(visit, busy)
                if not any(blocked.overlaps(other) for other in busy[staff_id])
            )
            if free:
                yield Slot(start, visit, free)

    def _refusal(self, start: LocalInstant) -> Refusal | None:
        if start.instant <= self._now:
            return Refusal.PAST
        if start.local.date() > self._last_day:
            return Refusal.BEYOND_WINDOW
        if start.instant < self._now + timedelta(minutes=self._calendar.minimum_notice_minutes):
            return Refusal.SHORT_NOTICE
        if not self._on_grid(start.local):
            return Refusal.OFF_GRID
        visit = self.visit(start)
        if not any(opened.contains(visit) for opened in self._open):
            return Refusal.OUTSIDE_HOURS
        return None

    def _on_grid(self, local: datetime) -> bool:
        minutes = local.hour * 60 + local.minute
        return minutes % self._calendar.slot_step_minutes == 0 and not (local.second or local.microsecond)

    def _grid(self, day: date) -> Iterator[datetime]:
        """Local times on the provider's grid within the windows of a day (rule T4)."""
        midnight = datetime.combine(day, time())
        step = self._calendar.slot_step_minutes
        for window in self._calendar.windows_of(day):
            first = -(-window.opens // step) * step
            for minutes in range(first, min(window.closes, 2 * MINUTES_A_DAY), step):
                yield midnight + timedelta(minutes=minutes)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
