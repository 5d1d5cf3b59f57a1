"""What a provider has to give of one service: hours, people, rooms, and the rules of its times."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.booking.domain.calendar import UNSAID, Hours, Opening, TimeOff, Window
from services.booking.domain.local_time import Interval, local_day
from services.booking.domain.public_holidays import HolidayRegion, holiday_on

USUAL_WINDOW_DAYS = 90
"""Where neither the service nor its provider says otherwise (rule T10)."""


@dataclass(frozen=True, slots=True)
class Need:
    """Of these units of a pool (rooms, equipment), a visit occupies so many."""

    pool_id: str
    unit_ids: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of one service; where it has none of its own, those of its provider.

    `slot_step_minutes` divides a day: starts lie on the local clock's multiples of it.
    `window_days`: bookable up to and including this many local days after today (rule T10).
    `capacity` customers share a visit; `staff_count` people do it together. Caps count visits that
    start on a local day, and in a week from Monday.
    """

    duration: timedelta
    slot_step_minutes: int = 30
    minimum_notice_minutes: int = 0
    window_days: int = USUAL_WINDOW_DAYS
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    capacity: int = 1
    staff_count: int = 1
    day_cap: int | None = None
    week_cap: int | None = None
    needs: tuple[Need, ...] = ()

    def blocked_by(self, visit: Interval) -> Interval:
        """The visit with its buffers: what no other blocked range may touch (rule T11)."""
        return visit.widened(
            timedelta(minutes=self.buffer_before_minutes), timedelta(minutes=self.buffer_after_minutes)
        )


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who does the service. Own `hours` replace the provider's; own dates come before its."""

    staff_id: str
    hours: Hours = UNSAID
    day_cap: int | None = None
    week_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """One service of one provider.

    On a date count, in this order: the worker's own dates, the provider's dates, the public holiday
    (nobody works), the worker's own week, the provider's week. `service_hours` narrow all of them.
    """

    time_zone: str
    terms: Terms
    workers: tuple[Worker, ...]
    hours: Hours = field(default_factory=Hours)
    service_hours: Hours | None = None
    holidays: HolidayRegion | None = None
    time_off: tuple[TimeOff, ...] = ()
    travel_speed_kmh: int | None = None

    def today(self, now: datetime) -> date:
        return local_day(now, self.time_zone)

    def last_day(self, now: datetime) -> date:
        """The last local day that is bookable (rule T10)."""
        return last_bookable_day(now, self.time_zone, self.terms.window_days)

    @property
    def passes_midnight(self) -> bool:
        """Whether a window of anybody runs on into the next day."""
        return any(hours.pass_midnight for hours in (self.hours, *(one.hours for one in self.workers)))

    def is_holiday_for(self, worker: Worker, day: date) -> bool:
        """Whether a public holiday keeps a worker from working; hours for that date come before it."""
        if day in worker.hours.dates or day in self.hours.dates:
            return False
        return holiday_on(self.holidays, day) is not None

    def openings(self, worker: Worker, day: date) -> Sequence[Opening | Window]:
        """The windows that open for a worker on a day."""
        return () if self.is_holiday_for(worker, day) else self.planned(worker, [day])[0]

    def planned(self, worker: Worker, days: Sequence[date]) -> list[Sequence[Opening | Window]]:
        """The windows that open for a worker on each of some days, as if none were a holiday."""
        own, of_all = worker.hours.dates, self.hours.dates
        week = (self.hours if worker.hours.windows is None else worker.hours).by_weekday()
        return [
            own[day] if day in own else of_all[day] if day in of_all else week[day.isoweekday()]
            for day in days
        ]


def last_bookable_day(now: datetime, time_zone: str, window_days: int) -> date:
    """The last local day that a window of so many days reaches at this moment (rule T10)."""
    return local_day(now, time_zone) + timedelta(days=window_days)
