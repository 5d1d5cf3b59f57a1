"""Which starts are free, reckoned minute by minute on the library `whenever`, with nothing of the engine.

It walks over every minute of the days asked for, asks the library what the local clock shows, and
decides by what the README of the vectors says. It shares no code and no idea with the slot engine,
which works on spans.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from whenever import Date, Instant

from tests.vectors.ways import MOST_MINUTES, way_minutes

Given = Mapping[str, Any]
Expected = dict[str, Any]

A_DAY = 24 * 60
MARGIN_DAYS = 3
"""Before and after the days asked for, for windows that pass midnight; with caps the week around, too."""


class Minute(NamedTuple):
    """One minute: since 1970, and what the local clock shows then."""

    number: int
    date: Date
    of_day: int


class Reckoning:
    """One case: the minutes around the days asked for, and what is open, off and taken in each."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.now = Instant.parse_iso(given["now"])
        self.first, self.last = Date.parse_iso(given["first"]), Date.parse_iso(given["last"])
        margin = MARGIN_DAYS + (7 if _has_week_cap(given) else 0)
        self.minutes = _minutes(given["zone"], self.first.add(days=-margin), self.last.add(days=margin))
        self.at = {minute.number: index for index, minute in enumerate(self.minutes)}
        self.duration: int = given["duration_minutes"]
        self.holidays = {Date.parse_iso(day) for day in (given["holidays"] or {}).get("dates", ())}

    def expected(self) -> Expected:
        """The free starts by the day with which they are listed; who and how many, where it is not plain."""
        slots: dict[str, list[str]] = {day.format_iso(): [] for day in _days(self.first, self.last)}
        staff: dict[str, list[str]] = {}
        seats: dict[str, int] = {}
        free, given = _Free(self), self.given
        for minute in self._offered():
            who, left = free.who(minute)
            day = self._listed_with(minute).format_iso()
            if not who or day not in slots:
                continue
            text = _text(minute.number, given["zone"])
            slots[day].append(text)
            staff[text], seats[text] = who, left
        expected: Expected = {"slots": slots}
        if len(given["staff"]) > 1:
            expected["staff"] = staff
        if given["capacity"] > 1:
            expected["seats"] = seats
        return expected

    def covers(self, inside: Sequence[bool], start: int, length: int) -> bool:
        """Whether so many minutes from a start (an index) are all inside."""
        return all(inside[start : start + length])

    def opened(self, worker: Given, *, holidays_too: bool = False) -> list[bool]:
        """For each minute, whether a worker's windows are open."""
        return self._shown(lambda day: self._windows(worker, day, holidays_too))

    def opened_for_service(self) -> list[bool]:
        """For each minute, whether the service's own hours are open; without any they always are."""
        hours = self.given["service_hours"]
        if hours is None:
            return [True] * len(self.minutes)
        return self._shown(lambda day: _of(hours, day, said_nothing=["00:00-24:00"]))

    def within(self, periods: Sequence[tuple[int, int]]) -> list[bool]:
        """For each minute, whether one of these periods (in minutes since 1970) has it."""
        inside = [False] * len(self.minutes)
        begin = self.minutes[0].number
        for start, end in periods:
            for number in range(max(start, begin), min(end, begin + len(inside))):
                inside[number - begin] = True
        return inside

    def _offered(self) -> Iterator[Minute]:
        """Minutes on the grid that are neither past nor too near nor too far."""
        given = self.given
        last_day = self.now.to_tz(given["zone"]).date().add(days=given["window_days"])
        earliest = self.now.timestamp() + given["notice_minutes"] * 60
        for minute in self.minutes[: -self.duration]:
            on_grid = minute.of_day % given["grid_minutes"] == 0
            seconds = minute.number * 60
            if on_grid and seconds > self.now.timestamp() and seconds >= earliest and minute.date <= last_day:
                yield minute

    def _listed_with(self, minute: Minute) -> Date:
        """Its own date, if a window that opens on it is open then; else it is a time after midnight."""
        for worker in self.given["staff"]:
            for opens, closes in self._windows(worker, minute.date, True):
                if opens <= minute.of_day < closes:
                    return minute.date
        return minute.date.prev_day()

    def _windows(self, worker: Given, day: Date, holidays_too: bool) -> list[tuple[int, int]]:
        """What opens on a day: own dates, the provider's dates, the holiday, the own week, the provider's."""
        given, own = self.given, worker["hours"]
        key = day.format_iso()
        for dates in ((own or {}).get("dates", {}), given["dates"]):
            if key in dates:
                return [_window(text) for text in dates[key]]
        if day in self.holidays and not holidays_too:
            return []
        weekly = (own or {}).get("weekly")
        return _weekly(given["weekly"] if weekly is None else weekly, day)

    def _shown(self, windows_of: Any) -> list[bool]:
        opened: dict[Date, set[int]] = {}
        for day in _days(self.minutes[0].date.prev_day(), self.minutes[-1].date):
            for opens, closes in windows_of(day):
                for minute in range(opens, closes):
                    shown = day if minute < A_DAY else day.next_day()
                    opened.setdefault(shown, set()).add(minute % A_DAY)
        nothing: set[int] = set()
        return [minute.of_day in opened.get(minute.date, nothing) for minute in self.minutes]


class _Free:
    """Who is free at a start."""

    def __init__(self, reckoning: Reckoning) -> None:
        self._all = reckoning
        given = reckoning.given
        self._workers = {worker["id"]: worker for worker in given["staff"]}
        service = reckoning.opened_for_service()
        self._working = {}
        for name, worker in self._workers.items():
            off = reckoning.within(
                [_period(one) for one in given["time_off"] if one["staff"] in (None, name)]
            )
            opened = reckoning.opened(worker)
            self._working[name] = [
                open_here and at_all and not away
                for open_here, at_all, away in zip(opened, service, off, strict=True)
            ]
        units = [unit for pool in given["pools"] for unit in pool["units"]]
        self._taken = {
            name: reckoning.within([_blocked(one) for one in given["bookings"] if name in _resources(one)])
            for name in [*self._workers, *units]
        }

    def who(self, minute: Minute) -> tuple[list[str], int]:
        """Who could do a visit that starts now, and how many customers it has room for; nobody: nobody."""
        asked = self._all.given["asked"]
        joined, seats = self._sessions(minute, asked)
        if joined:
            return joined, seats
        free = [name for name in self._workers if self._is_free(name, minute)]
        enough = len(free) >= self._all.given["staff_count"] and (asked is None or asked in free)
        if not enough or self._cap_reached(minute, self._all.given, self._of_service()):
            return [], 0
        if not all(self._has_units(pool, minute) for pool in self._all.given["pools"]):
            return [], 0
        alone = asked is not None and self._all.given["staff_count"] == 1
        return ([asked] if alone else free), self._all.given["capacity"]

    def _sessions(self, minute: Minute, asked: str | None) -> tuple[list[str], int]:
        """Sessions of this service that start now and have room."""
        named: list[str] = []
        seats = 0
        if self._all.given["capacity"] == 1:
            return named, seats
        for one in self._of_service():
            left = self._all.given["capacity"] - one["seats_taken"]
            staff = one["staff"]
            if _start(one) != minute.number or left <= 0 or (asked is not None and asked not in staff):
                continue
            if all(name in self._workers and self._works(name, minute) for name in staff):
                named += [name for name in staff if name not in named]
                seats += left
        return named, seats

    def _is_free(self, name: str, minute: Minute) -> bool:
        own = [one for one in self._all.given["bookings"] if name in one["staff"]]
        return (
            self._works(name, minute)
            and not self._blocks(self._taken[name], minute)
            and self._is_in_reach(name, minute)
            and not self._cap_reached(minute, self._workers[name], own)
        )

    def _is_in_reach(self, name: str, minute: Minute) -> bool:
        """Whether there is time to come from the visit before, and to go to the one after."""
        given, at = self._all.given, self._all.at[minute.number]
        travel = given["travel"]
        if travel is None or given["capacity"] > 1:
            return True
        first = at - given["buffer_before_minutes"] - 1
        last = at + self._all.duration + given["buffer_after_minutes"]
        return self._has_time(name, first, -1, "after") and self._has_time(name, last, 1, "before")

    def _has_time(self, name: str, at: int, step: int, side: str) -> bool:
        """Minute by minute from here to the next that is taken: whether the way takes no more than that."""
        taken = self._taken[name]
        for waited in range(MOST_MINUTES):
            if not 0 <= at + step * waited < len(taken) or not taken[at + step * waited]:
                continue
            home = self._taken_by(name, self._all.minutes[at + step * waited].number)["home"]
            travel = self._all.given["travel"]
            return home is None or way_minutes(travel, home["at"]) - home[side] <= waited
        return True

    def _taken_by(self, name: str, number: int) -> Given:
        return next(
            one
            for one in self._all.given["bookings"]
            if name in one["staff"] and _blocked(one)[0] <= number < _blocked(one)[1]
        )

    def _works(self, name: str, minute: Minute) -> bool:
        return self._all.covers(self._working[name], self._all.at[minute.number], self._all.duration)

    def _has_units(self, pool: Given, minute: Minute) -> bool:
        free = [unit for unit in pool["units"] if not self._blocks(self._taken[unit], minute)]
        needed: int = pool["count"]
        return len(free) >= needed

    def _blocks(self, taken: Sequence[bool], minute: Minute) -> bool:
        """Whether what is taken touches the visit with its own buffers."""
        given, at = self._all.given, self._all.at[minute.number]
        before: int = given["buffer_before_minutes"]
        after: int = given["buffer_after_minutes"]
        return any(taken[at - before : at + self._all.duration + after])

    def _cap_reached(self, minute: Minute, capped: Given, bookings: Sequence[Given]) -> bool:
        """Whether so many visits start on this local day, or in this week from Monday, already."""
        dates = [self._all.minutes[self._all.at[_start(one)]].date for one in bookings]
        a_day, a_week = Counter(dates), Counter(_monday(date) for date in dates)
        day_cap, week_cap = capped["day_cap"], capped["week_cap"]
        day_full = day_cap is not None and a_day[minute.date] >= day_cap
        return day_full or (week_cap is not None and a_week[_monday(minute.date)] >= week_cap)

    def _of_service(self) -> list[Given]:
        return [one for one in self._all.given["bookings"] if one["of_service"]]


def _has_week_cap(given: Given) -> bool:
    return any(capped["week_cap"] is not None for capped in (given, *given["staff"]))


@lru_cache(maxsize=8)
def _minutes(zone: str, first: Date, last: Date) -> list[Minute]:
    found = []
    for number in range(_utc_midnight(first), _utc_midnight(last)):
        shown = Instant.from_timestamp(number * 60).to_tz(zone)
        if shown.second:
            raise ValueError(f"{zone} has an offset of a part of a minute")
        found.append(Minute(number, shown.date(), shown.hour * 60 + shown.minute))
    return found


def _text(number: int, zone: str) -> str:
    """What the local clock shows, with its offset: `2026-10-29T23:30+03:00`."""
    shown = Instant.from_timestamp(number * 60).to_tz(zone)
    minutes = int(shown.offset.total("minutes"))
    sign, minutes = ("-" if minutes < 0 else "+"), abs(minutes)
    local = f"{shown.date().format_iso()}T{shown.hour:02d}:{shown.minute:02d}"
    return f"{local}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _utc_midnight(day: Date) -> int:
    return Instant.from_utc(day.year, day.month, day.day).timestamp() // 60


def _days(first: Date, last: Date) -> Iterator[Date]:
    day = first
    while day <= last:
        yield day
        day = day.next_day()


def _monday(day: Date) -> Date:
    return day.add(days=1 - day.day_of_week().value)


def _window(text: str) -> tuple[int, int]:
    """`22:00-26:00` in minutes."""
    opens, closes = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return opens, closes


def _weekly(weekly: Mapping[str, Sequence[str]], day: Date) -> list[tuple[int, int]]:
    """Of `{"1-5": ["09:00-17:00"], "6": []}` what opens on a day."""
    weekday = day.day_of_week().value
    return [
        _window(text)
        for days, windows in weekly.items()
        if int(days[0]) <= weekday <= int(days[-1])
        for text in windows
    ]


def _of(hours: Given, day: Date, said_nothing: Sequence[str]) -> list[tuple[int, int]]:
    key = day.format_iso()
    if key in hours["dates"]:
        return [_window(text) for text in hours["dates"][key]]
    if hours["weekly"] is None:
        return [_window(text) for text in said_nothing]
    return _weekly(hours["weekly"], day)


def _minute_of(text: str) -> int:
    return Instant.parse_iso(text).timestamp() // 60


def _period(period: Given) -> tuple[int, int]:
    return _minute_of(period["from"]), _minute_of(period["to"])


def _start(booking: Given) -> int:
    return _minute_of(booking["start"])


def _blocked(booking: Given) -> tuple[int, int]:
    before, after = booking["buffer_before_minutes"], booking["buffer_after_minutes"]
    home = booking["home"] or {"before": 0, "after": 0}
    return _start(booking) - before - home["before"], _minute_of(booking["end"]) + after + home["after"]


def _resources(booking: Given) -> list[str]:
    return [*booking["staff"], *booking["units"]]
