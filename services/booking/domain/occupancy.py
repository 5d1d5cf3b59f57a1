"""Who and what is occupied when, at one moment: what bookings take away from a supply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.booking.domain.spans import Span


class Busy(NamedTuple):
    """A blocked range of a person, a room or a piece of equipment, in seconds since 1970.

    `visit_start` and `visit_end` are without buffers; without them, all of it is the visit, and a span
    will do.
    `held_until`: the booking is not paid yet, and its hold ends then. A home visit is at a point in
    degrees; `travel_before` and `travel_after` are the seconds of the range that are its way.
    """

    start: int
    end: int
    visit_start: int | None = None
    visit_end: int | None = None
    held_until: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    travel_before: int = 0
    travel_after: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """A visit of the asked service that several customers share; `start` and `end` in seconds since 1970.

    Without `end` it is as long as the service is by now.
    """

    start: int
    staff_ids: tuple[str, ...]
    taken: int
    capacity: int
    session_id: str = ""
    end: int | None = None

    @property
    def seats_left(self) -> int:
        return max(0, self.capacity - self.taken)


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What counts at one moment; holds that have ended are not in it (rule C7).

    `busy` by the id of staff or unit. `visits` has the starts of visits that caps count, each once, by
    the id of staff, and by that of the service. Sessions are in `busy` and `visits` too. `too_far` by the id
    of staff: the starts from which a wanted home visit is too far from those around it.
    """

    busy: Mapping[str, Sequence[Busy | Span]] = field(default_factory=dict)
    sessions: Sequence[Session] = ()
    visits: Mapping[str, Sequence[int]] = field(default_factory=dict)
    service_visits: Sequence[int] = ()
    too_far: Mapping[str, Sequence[Span]] = field(default_factory=dict)


NOTHING = Occupancy()
