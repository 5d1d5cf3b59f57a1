"""Whose hours are whose: rows of windows, by person and service, as the domain knows them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from sqlalchemy import Row

from services.booking.domain.calendar import DEFAULT_WINDOWS, UNSAID, Hours, Opening, TimeOff, Window
from services.booking.domain.local_time import Interval
from shared import clock

Scope = tuple[str | None, str | None]
"""Of a member of staff, of a service, of one for the other; of everybody: (None, None)."""
EVERYBODY: Scope = (None, None)


@dataclass(frozen=True, slots=True)
class ProviderHours:
    """The hours of one provider: weekly windows and dates by scope, and time off."""

    windows: Mapping[Scope, tuple[Window, ...]]
    dates: Mapping[Scope, Mapping[date, Sequence[Opening]]]
    time_off: tuple[TimeOff, ...]

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """From the columns of `supply_query`."""
        windows: dict[Scope, tuple[Window, ...]] = {EVERYBODY: DEFAULT_WINDOWS}
        if row.calendar is not None:
            windows[EVERYBODY] = tuple(Window(*window) for window in row.windows or ())
        for staff_id, service_id, weekday, opens, closes in row.own_windows or ():
            known = windows.get((staff_id, service_id), ())
            added = () if weekday is None else (Window(weekday, opens, closes),)
            windows[(staff_id, service_id)] = (*known, *added)
        dates: dict[Scope, dict[date, list[Opening]]] = defaultdict(dict)
        for staff_id, service_id, day, opens, closes in row.dates or ():
            openings = dates[(staff_id, service_id)].setdefault(date.fromisoformat(day), [])
            if opens is not None:
                openings.append(Opening(opens, closes))
        return cls(windows, dates, tuple(_time_off(entry) for entry in row.time_off or ()))

    def of_all(self) -> Hours:
        """What the provider says for everybody."""
        return self._of(EVERYBODY)

    def of_service(self, service_id: str) -> Hours | None:
        """When the service is given; None: whenever somebody works who does it."""
        scope = (None, service_id)
        return self._of(scope) if scope in self.windows or scope in self.dates else None

    def of_worker(self, staff_id: str, service_id: str) -> Hours:
        """A person's own hours, for this service before those for all; so with dates."""
        own, for_service = self._of((staff_id, None)), self._of((staff_id, service_id))
        if own is UNSAID and for_service is UNSAID:
            return UNSAID
        windows = own.windows if for_service.windows is None else for_service.windows
        return Hours(windows, {**own.dates, **for_service.dates})

    def _of(self, scope: Scope) -> Hours:
        windows, dates = self.windows.get(scope), self.dates.get(scope, {})
        return Hours(windows, dates) if windows is not None or dates else UNSAID


def _time_off(entry: Sequence[Any]) -> TimeOff:
    staff_id, start, end = entry
    return TimeOff(staff_id, Interval(clock.from_text(start), clock.from_text(end)))
