"""That the carer was there: when they came and went, and how far from the address (promise C10)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.geo import Point, great_circle_km

FAR_METRES = 250
"""Phones know where they are to some tens of metres, in houses to a hundred. Whoever is farther is told to be
far, and is not refused."""
_METRES = 1000


class Moment(StrEnum):
    """Of a visit."""

    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a device says that it is, right to so many metres."""

    point: Point
    accuracy_metres: float | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """When the carer said that the visit begins or is over; where they were then, if that was said.

    `distance_metres` to the address of the visit, where both are known.
    """

    moment: Moment
    at: datetime
    position: Position | None = None
    distance_metres: int | None = None

    @property
    def is_far(self) -> bool | None:
        """None: not known."""
        return None if self.distance_metres is None else self.distance_metres > FAR_METRES


def presence(moment: Moment, at: datetime, position: Position | None, address: Point | None) -> Presence:
    """What is kept of a check-in or a check-out."""
    if position is None or address is None:
        return Presence(moment, at, position)
    return Presence(moment, at, position, round(great_circle_km(position.point, address) * _METRES))
