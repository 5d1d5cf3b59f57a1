"""Which days' listed times differ when a booking comes or goes."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.booking.domain.calendar import MINUTES_A_DAY
from services.booking.domain.local_time import Interval, local_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one booking reaches into its provider's listings.

    `buffer_minutes`: the longest of any of its services. `opens` and `closes`: the first and the last
    minute after midnight at which any of its windows does. `whole_weeks`: visits are capped by the week.
    """

    time_zone: str
    buffer_minutes: int = 0
    opens: int = 9 * 60
    closes: int = 18 * 60
    whole_weeks: bool = False

    def days_touched(self, blocked: Interval) -> list[date]:
        """The local days whose free times a blocked range may change, in order.

        Those on which it lies, and the day before when windows run past midnight: times after midnight
        are listed with the day on which their window starts, and a cap of the day on which they lie,
        reached by a visit at whatever time, removes them.
        """
        buffer = timedelta(minutes=self.buffer_minutes)
        near = blocked.widened(buffer, buffer)
        first = local_day(near.start, self.time_zone)
        last = local_day(near.end - timedelta(microseconds=1), self.time_zone)
        if self.whole_weeks:
            first -= first.weekday() * _DAY
            last += (6 - last.weekday()) * _DAY
        if self._runs_past_midnight:
            first -= _DAY
        return [first + number * _DAY for number in range((last - first).days + 1)]

    @property
    def _runs_past_midnight(self) -> bool:
        """Whether a visit that starts in a window of one day can lie on the next.

        It can in a window that closes after midnight, or at it where it adjoins the next day's.
        """
        after_midnight = self.closes - MINUTES_A_DAY
        return after_midnight > 0 or (after_midnight == 0 and self.opens == 0)
