"""The rules of times, in the order in which they are named when they remove a start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Rule(StrEnum):
    """Why a start is not offered."""

    PAST = "past"
    BEYOND_WINDOW = "beyond_window"
    TIME_DOES_NOT_EXIST = "time_does_not_exist"
    SHORT_NOTICE = "short_notice"
    OFF_GRID = "off_grid"
    NOT_OFFERED = "not_offered"
    """Outside of the hours of the service itself."""
    CLOSED = "closed"
    HOLIDAY = "holiday"
    TIME_OFF = "time_off"
    DAY_CAP = "day_cap"
    WEEK_CAP = "week_cap"
    SESSION_FULL = "session_full"
    BUSY = "busy"
    HELD = "held"
    BUFFER = "buffer"
    TRAVEL = "travel"
    """The way from the home visit before, or to the one after, takes longer than there is time."""
    RESOURCE_BUSY = "resource_busy"
    NO_STAFF = "no_staff"
    """Fewer people do the service than it takes."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A rule that removes a start, and what may be told of it to anyone.

    `staff_id`: the member of staff for whom it holds. `until`: the end of a hold. `holiday`: its name.
    `taken` of `capacity` seats are taken. `pool_id`: rooms or equipment of which too few are free.
    """

    rule: Rule
    staff_id: str | None = None
    until: datetime | None = None
    holiday: str | None = None
    taken: int | None = None
    capacity: int | None = None
    pool_id: str | None = None


class StartRefusedError(Exception):
    """A start that this supply does not offer, free or not. `removals` are not empty."""

    def __init__(self, removals: Sequence[Removal]) -> None:
        super().__init__(", ".join(removal.rule for removal in removals))
        self.removals = tuple(removals)
        self.rule = removals[0].rule
