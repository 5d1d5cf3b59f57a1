"""What a file of vectors is about, and what every case starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Given = dict[str, Any]

A_STAFF: Given = {"id": "a", "hours": None, "day_cap": None, "week_cap": None}

PLAIN: Given = {
    "zone": "Etc/UTC",
    "now": "2026-06-01T00:00:00Z",
    "first": "2026-06-10",
    "last": "2026-06-10",
    "duration_minutes": 60,
    "grid_minutes": 30,
    "notice_minutes": 0,
    "window_days": 90,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "capacity": 1,
    "staff_count": 1,
    "day_cap": None,
    "week_cap": None,
    "weekly": {"1-7": ["09:00-18:00"]},
    "dates": {},
    "service_hours": None,
    "holidays": None,
    "staff": [A_STAFF],
    "time_off": [],
    "pools": [],
    "bookings": [],
    "travel": None,
    "asked": None,
}
"""One person, open from 09:00 to 18:00, nothing booked."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One file: what its cases share, and by name what each has of its own."""

    name: str
    title: str
    given: Given
    cases: Mapping[str, Given]


def subject(name: str, title: str, cases: Mapping[str, Given], **given: Any) -> Subject:
    return Subject(name, title, {**PLAIN, **given}, cases)


def every(*windows: str) -> Given:
    """These windows on every day of the week."""
    return {"1-7": list(windows)}


def on(day: str, last: str | None = None) -> Given:
    """The days that are asked for."""
    return {"first": day, "last": last or day}


def staff(name: str, **changes: Any) -> Given:
    """Somebody who does the service; `weekly` and `dates` are own hours."""
    own = {key: changes.pop(key) for key in ("weekly", "dates") if key in changes}
    hours = {"weekly": None, "dates": {}, **own} if own else None
    return {**A_STAFF, "id": name, "hours": hours, **changes}


def booking(start: str, end: str, *resources: str, units: Sequence[str] = (), **changes: Any) -> Given:
    """A booking of these people (of `a` when nobody is named) and units."""
    return {
        "staff": list(resources or ("a",)),
        "units": list(units),
        "start": start,
        "end": end,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "of_service": True,
        "seats_taken": 1,
        "home": None,
        **changes,
    }
