"""When people work: weekly opening hours, what replaces them on single dates, time off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.booking.domain.local_time import Interval, LocalClock
from services.booking.domain.spans import Span

MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Window:
    """Opening hours of one ISO weekday (1 is Monday) in minutes of local wall time after midnight.

    `closes` may be midnight (24:00 is 1440) or pass it (26:00 is 1560), at most by a day: the window
    belongs to the day on which it starts (rule T8).
    """

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A window of one date, in the minutes of `Window`."""

    opens: int
    closes: int


DEFAULT_WINDOWS = tuple(Window(weekday, 9 * 60, 18 * 60) for weekday in range(1, DAYS_A_WEEK + 1))
"""09:00 to 18:00 every day, unless the provider says otherwise (promise C3)."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly windows, and the dates on which others count instead: none at all when closed.

    `windows` None: these hours say nothing about weeks, only about dates.
    """

    windows: tuple[Window, ...] | None = DEFAULT_WINDOWS
    dates: Mapping[date, Sequence[Opening]] = field(default_factory=dict)

    def on(self, day: date) -> Sequence[Opening | Window] | None:
        """The windows that open on a day; None: these hours say nothing about it."""
        if day in self.dates:
            return self.dates[day]
        return None if self.windows is None else self.by_weekday()[day.isoweekday()]

    def by_weekday(self) -> list[list[Window]]:
        """The weekly windows, at the number of their ISO weekday."""
        week: list[list[Window]] = [[] for _ in range(DAYS_A_WEEK + 1)]
        for window in self.windows or ():
            week[window.weekday].append(window)
        return week

    @property
    def pass_midnight(self) -> bool:
        """Whether a window runs on into the next day."""
        on_dates = (opening.closes for openings in self.dates.values() for opening in openings)
        weekly = (window.closes for window in self.windows or ())
        return any(closes > MINUTES_A_DAY for closes in (*on_dates, *weekly))


UNSAID = Hours(windows=None)
WHOLE_DAY = Opening(0, MINUTES_A_DAY)


@dataclass(frozen=True, slots=True)
class TimeOff:
    """Nobody works then, or one member of staff does not (`staff_id`)."""

    staff_id: str | None
    period: Interval

    def concerns(self, staff_id: str) -> bool:
        return self.staff_id is None or self.staff_id == staff_id


def shown(clock: LocalClock, day: date, openings: Sequence[Opening | Window]) -> list[Span]:
    """The instants at which the local clock shows these windows of a day."""
    midnight = clock.plain_midnight(day)
    if midnight is not None:
        return [(midnight + opening.opens * 60, midnight + opening.closes * 60) for opening in openings]
    return [span for opening in openings for span in clock.showing(day, opening.opens, opening.closes)]
