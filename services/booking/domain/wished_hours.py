"""Between which hours of a day somebody wishes to start, where a day's hours may pass midnight (rule T8)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.booking.domain.calendar import MINUTES_A_DAY

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WishedHours:
    """Of the starts that are listed with a day those from one local time to another, both included.

    They are counted from the day's midnight; `last` before `first` is one after the next midnight, and
    without `last` everything from `first` on is wished for. Times that lie after midnight themselves, as
    00:30 to 01:00, are as well those of the night that is listed with the day.
    """

    first: time | None = None
    last: time | None = None

    @property
    def are_turned(self) -> bool:
        """The last is before the first: they pass midnight."""
        return self.first is not None and self.last is not None and self.last < self.first

    def include(self, day: date, local: datetime) -> bool:
        """Whether a start at this local time, which is listed with this day, is one of them."""
        minute = (local - datetime.combine(day, time())) // _MINUTE
        return self._reach(minute) or self._reach(minute - MINUTES_A_DAY)

    def _reach(self, minute: int) -> bool:
        if minute < _minutes(self.first or time.min):
            return False
        if self.last is None:
            return True
        return minute <= _minutes(self.last) + (MINUTES_A_DAY if self.are_turned else 0)


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
