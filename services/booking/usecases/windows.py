"""Opening hours as a request writes them, in the domain's minutes; what overlaps is refused."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from services.booking.domain.calendar import Opening, Window
from services.booking.usecases.refusals import read_day
from shared.contracts.booking_supply import window_empty, windows_overlap
from shared.errors import ErrorCode, ServiceError, invalid_field

Object = dict[str, Any]


def read_windows(entries: Sequence[Object] | None) -> list[Window] | None:
    """Raises `window_empty` and `windows_overlap`, naming the window."""
    if entries is None:
        return None
    windows = [
        Window(entry["weekday"], *_minutes(entry, f"windows.{number}"))
        for number, entry in enumerate(entries)
    ]
    for weekday in range(1, 8):
        _check_apart([window for window in windows if window.weekday == weekday], "windows")
    return windows


def read_dates(entries: Sequence[Object]) -> dict[date, list[Opening]]:
    """Raises `window_empty`, `windows_overlap`, and `validation_failed` for a date that is there twice."""
    dates: dict[date, list[Opening]] = {}
    for number, entry in enumerate(entries):
        day = read_day(entry, "date", f"dates.{number}.date")
        if day in dates:
            raise invalid_field(f"dates.{number}.date", "This date is there twice.")
        member = f"dates.{number}.windows"
        dates[day] = [
            Opening(*_minutes(window, f"{member}.{place}")) for place, window in enumerate(entry["windows"])
        ]
        _check_apart(dates[day], member)
    return dates


def _minutes(window: Object, member: str) -> tuple[int, int]:
    opens, closes = (_after_midnight(window[name]) for name in ("opens", "closes"))
    if closes <= opens:
        raise _of(window_empty, f"{member}.closes")
    return opens, closes


def _after_midnight(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _check_apart(openings: Sequence[Opening | Window], member: str) -> None:
    """Of one day; the hours after 24:00 may meet those of the next."""
    ordered = sorted(openings, key=lambda opening: opening.opens)
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise _of(windows_overlap, member)


def _of(code: ErrorCode, member: str) -> ServiceError:
    return code(errors={member: [code.message]})
