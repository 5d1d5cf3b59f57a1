"""When a provider works and by which rules times are offered."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from services.booking.domain.local_time import Interval, LocalClock, local_day, merged, zone

MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Window:
    """Opening hours of one ISO weekday (1 is Monday) in minutes of local wall time after midnight.

    `closes` may pass midnight (26:00 is 1560): the window belongs to the day on which it starts.
    """

    weekday: int
    opens: int
    closes: int


DEFAULT_WINDOWS = tuple(Window(weekday, 9 * 60, 18 * 60) for weekday in range(1, DAYS_A_WEEK + 1))
"""09:00 to 18:00 every day, unless the provider says otherwise (promise C3)."""


@dataclass(frozen=True, slots=True)
class TimeOff:
    """Nobody works then, or one member of staff does not (`staff_id`)."""

    staff_id: str | None
    period: Interval

    def concerns(self, staff_id: str) -> bool:
        return self.staff_id is None or self.staff_id == staff_id


@dataclass(frozen=True, slots=True)
class Calendar:
    """A provider's hours and rules in the provider's zone.

    `window_days`: bookable up to and including this many local days after today (rule T10).
    `slot_step_minutes` divides a day: starts lie on the local clock's multiples of it.
    """

    time_zone: str
    windows: tuple[Window, ...] = DEFAULT_WINDOWS
    slot_step_minutes: int = 30
    minimum_notice_minutes: int = 0
    window_days: int = 90
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    time_off: tuple[TimeOff, ...] = field(default=())

    def today(self, now: datetime) -> date:
        return local_day(now, self.time_zone)

    def last_day(self, now: datetime) -> date:
        return self.today(now) + timedelta(days=self.window_days)

    def windows_of(self, day: date) -> list[Window]:
        return [window for window in self.windows if window.weekday == day.isoweekday()]

    def open_times(self, clock: LocalClock, day: date) -> list[Interval]:
        """The instants at which the local clock shows the opening hours that start on this day."""
        midnight = datetime.combine(day, time())
        pieces = []
        for window in self.windows_of(day):
            opens = midnight + timedelta(minutes=window.opens)
            closes = midnight + timedelta(minutes=window.closes)
            pieces.extend(clock.between(opens, closes))
        return merged(pieces)

    def blocked_by(self, visit: Interval) -> Interval:
        """The visit with its buffers: what no other blocked range may touch (rule T11)."""
        return visit.widened(
            timedelta(minutes=self.buffer_before_minutes), timedelta(minutes=self.buffer_after_minutes)
        )

    def days_touched(self, blocked: Interval) -> list[date]:
        """The local days whose free times a blocked range changes, in order.

        Those on which it lies, and the day before when that day's opening hours run into it: times
        after midnight are offered with the day on which their window starts.
        """
        first = local_day(blocked.start, self.time_zone)
        last = local_day(blocked.end - timedelta(microseconds=1), self.time_zone)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        before = first - timedelta(days=1)
        if self._runs_into(before, blocked):
            days.insert(0, before)
        return days

    def _runs_into(self, before: date, blocked: Interval) -> bool:
        """Whether visits that start in the windows of `before` can touch a range of the next day.

        They can by a window that closes after the range begins, or that adjoins the next day's.
        """
        begins = blocked.start.astimezone(zone(self.time_zone))
        next_day = before + timedelta(days=1)
        for window in self.windows_of(before):
            after_midnight = window.closes - MINUTES_A_DAY
            adjoins = any(other.opens <= after_midnight for other in self.windows_of(next_day))
            if adjoins or after_midnight > begins.hour * 60 + begins.minute:
                return True
        return False
