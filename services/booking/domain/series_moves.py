"""Moving visits of a series: where each shall be, in which order they are moved, and what is in the way
(rule T17)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import local_clock, local_instant
from services.booking.domain.moving import MoveRefusedError, TooManyMovesError, check_movable, without
from services.booking.domain.occupancy import Occupancy
from services.booking.domain.reasons import Request
from services.booking.domain.states import Change, State

CONCERNED = (State.PENDING, State.CONFIRMED, State.IN_PROGRESS)
"""What is over is not asked about."""

_NEAR = timedelta(days=4)
"""Farther away than any visit is long: what lies there is in nobody's way."""


class Obstacle(StrEnum):
    """Why a visit can't be moved, whatever is free."""

    TOO_LATE = "too_late"
    MOVES_USED_UP = "moves_used_up"
    NOT_AGREED = "not_agreed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Shift:
    """To another local time, so many days later or earlier, with another of the staff, as far as said."""

    time: time | None
    days: int
    staff_id: str | None

    def of(self, booking: Booking, zone_name: str) -> Request:
        """On the provider's clock of now, counted from the local time that was agreed on it.

        A visit that was agreed on another clock is where its instant is on this one (rule T13). Where no
        other time is asked for, it stays at its instant, also in a repeated hour: nothing moves by itself.
        """
        here = local_instant(booking.visit.start, zone_name)
        if not self.days and self.time in (None, here.local.time()):
            return Request(here.local.date(), here.local.time(), here.offset_text)
        agreed = booking.start.local if booking.time_zone == zone_name else here.local
        return Request(agreed.date() + timedelta(days=self.days), self.time or agreed.time())


@dataclass(frozen=True, slots=True)
class Move:
    """A visit of a series, the local time that was agreed, and the one that is wanted."""

    position: int
    agreed: datetime
    wanted: Request


def obstacle_of(
    booking: Booking, wanted: Request, zone_name: str, staff_id: str | None, change: Change, is_kept: bool
) -> Obstacle | None:
    """None: only what is free decides. `zone_name`: of the wanted time; `is_kept`: a visit of the series is
    paid."""
    try:
        check_movable(booking, change, is_kept)
    except TooManyMovesError:
        return Obstacle.MOVES_USED_UP
    except MoveRefusedError:
        has_begun = booking.state is State.IN_PROGRESS or change.at >= booking.visit.start
        return Obstacle.TOO_LATE if has_begun else Obstacle.NOT_AGREED
    if _is_there(booking, wanted, zone_name) and staff_id in (None, booking.staff_id):
        return Obstacle.UNCHANGED
    return None


def in_order(moves: Iterable[Move]) -> list[Move]:
    """So that none is in the way of another: those that move ahead from the first, then the others from the
    last."""
    by_start = sorted(moves, key=lambda move: move.agreed)
    ahead = [move for move in by_start if _at(move.wanted) <= move.agreed]
    back = [move for move in by_start if _at(move.wanted) > move.agreed]
    return [*ahead, *reversed(back)]


def left_behind(occupancy: Occupancy, visits: Sequence[Booking], wanted: Request) -> Occupancy:
    """What is occupied around a start when these visits have gone elsewhere."""
    for visit in visits:
        if abs(visit.start.local - _at(wanted)) < _NEAR:
            occupancy = without(occupancy, visit)
    return occupancy


def _is_there(booking: Booking, wanted: Request, zone_name: str) -> bool:
    """Whether the visit is at the instant already that the wanted time means, the first of two (rule T2)."""
    meant = local_clock(zone_name, wanted.day, wanted.day).instants(_at(wanted), wanted.utc_offset)
    return bool(meant) and meant[0].instant == booking.visit.start


def _at(wanted: Request) -> datetime:
    return datetime.combine(wanted.day, wanted.time)
