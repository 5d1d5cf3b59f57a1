"""Which days' listed times differ when a booking comes or goes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.booking.domain.calendar import MINUTES_A_DAY
from services.booking.domain.local_time import Interval, local_day, zone

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one booking reaches into its provider's listings.

    `buffer_minutes`: the longest of any of its services. `opens` and `closes`: the first and the last
    minute after midnight at which any of its windows does. `day_caps` and `whole_weeks`: visits are capped
    by the day, by the week.
    """

    time_zone: str
    buffer_minutes: int = 0
    opens: int = 9 * 60
    closes: int = 18 * 60
    day_caps: bool = False
    whole_weeks: bool = False

    def days_touched(self, blocked: Interval) -> list[date]:
        """The local days whose free times a blocked range may change, in order.

        Those on which it lies, and the day before when that day's windows run into it: times after midnight
        are listed with the day on which their window starts. A cap of the day on which they lie, reached
        by a visit at whatever time, removes all of them.
        """
        buffer = timedelta(minutes=self.buffer_minutes)
        near = blocked.widened(buffer, buffer)
        first = local_day(near.start, self.time_zone)
        last = local_day(near.end - timedelta(microseconds=1), self.time_zone)
        if self.whole_weeks:
            first -= first.weekday() * _DAY
            last += (6 - last.weekday()) * _DAY
        capped = self.day_caps or self.whole_weeks
        if self._runs_into(near.start) or (capped and self._after_midnight > 0):
            first -= _DAY
        return [first + number * _DAY for number in range((last - first).days + 1)]

    def _runs_into(self, begins: datetime) -> bool:
        """Whether visits that start in the windows of the day before can touch what begins then.

        They can by a window that closes after it begins, or that adjoins the next day's.
        """
        local = begins.astimezone(zone(self.time_zone))
        adjoins = self._after_midnight >= 0 and self.opens <= self._after_midnight
        return adjoins or self._after_midnight > local.hour * 60 + local.minute

    @property
    def _after_midnight(self) -> int:
        """How many minutes after it the last window closes; negative: before it."""
        return self.closes - MINUTES_A_DAY
