"""The way from one home visit to the next takes time, which nobody else gets (promise C7)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple, Protocol

from services.booking.domain.booking import Place
from services.booking.domain.occupancy import Busy, Occupancy
from services.booking.domain.spans import DISTANT_FUTURE, DISTANT_PAST, Span, union
from services.booking.domain.supply import Supply, Terms
from services.booking.domain.ways import FARTHEST, Way
from shared.geo import Point, great_circle_km

_MINUTE, _HOUR = 60, 3600
_FARTHEST = FARTHEST // timedelta(seconds=1)


class TravelTimes(Protocol):
    """Says how long ways take; a service that knows roads may take the place of the straight line."""

    def seconds(self, origin: Point, target: Point) -> int:
        """From door to door."""


@dataclass(frozen=True, slots=True)
class StraightLine:
    """As the crow flies at one speed, in whole minutes; nowhere farther than FARTHEST."""

    speed_kmh: int

    def seconds(self, origin: Point, target: Point) -> int:
        minutes = great_circle_km(origin, target) / self.speed_kmh * (_HOUR / _MINUTE)
        return min(-int(-minutes // 1) * _MINUTE, _FARTHEST)


@dataclass(frozen=True, slots=True)
class Travel:
    """Where a wanted visit would be, and how long it takes to get there."""

    target: Point
    times: TravelTimes


def travel_to(supply: Supply, place: Place, target: Point | None) -> Travel | None:
    """None: ways do not count: the provider has no speed, or the visit is no home visit that one knows the
    address of. A visit that customers share is where it is."""
    if supply.travel_speed_kmh is None or target is None or place is not Place.CUSTOMER:
        return None
    if supply.terms.capacity > 1:
        return None
    return Travel(target, StraightLine(supply.travel_speed_kmh))


def within_reach(occupancy: Occupancy, supply: Supply, travel: Travel | None) -> Occupancy:
    """The same, and for each person the starts from which a way would be too long."""
    if travel is None:
        return occupancy
    too_far = {
        worker.staff_id: _too_far(occupancy.busy.get(worker.staff_id, ()), supply.terms, travel)
        for worker in supply.workers
    }
    return replace(occupancy, too_far=too_far)


def ways_at(
    occupancy: Occupancy, terms: Terms, start: int, staff_ids: Sequence[str], travel: Travel | None
) -> Mapping[str, Way]:
    """For a visit that begins then (seconds since 1970), of each of these people who are free for it."""
    if travel is None:
        return {}
    return {
        staff_id: _way_at(occupancy.busy.get(staff_id, ()), terms, start, travel) for staff_id in staff_ids
    }


def _by_time(entry: Busy | Span) -> Span:
    return entry[0], entry[1]


class _Stop(NamedTuple):
    """A visit of one person: the starts that it leaves no room for by itself, and the seconds that one needs
    besides to come from it, and to go to it."""

    touching: Span
    to_come: int
    to_go: int


def _too_far(entries: Sequence[Busy | Span], terms: Terms, travel: Travel) -> list[Span]:
    """Only the nearest visit counts, to each side: from there one would come, there one would go."""
    stops = list(_stops(entries, terms, travel))
    spans: list[Span] = []
    for number, stop in enumerate(stops):
        begins, ends = stop.touching
        earliest = stops[number - 1].touching[1] if number else DISTANT_PAST
        latest = stops[number + 1].touching[0] if number + 1 < len(stops) else DISTANT_FUTURE
        spans.append((max(begins - stop.to_go, earliest), begins))
        spans.append((ends, min(ends + stop.to_come, latest)))
    return union(spans)


def _way_at(entries: Sequence[Busy | Span], terms: Terms, start: int, travel: Travel) -> Way:
    stops = list(_stops(entries, terms, travel))
    before = [stop for stop in stops if stop.touching[1] <= start]
    after = [stop for stop in stops if start < stop.touching[0]]
    came = before[-1] if before else None
    goes = after[0] if after else None
    # Whoever has the longest way's time between the two is not held up by it.
    to_come = came.to_come if came and start - came.touching[1] < _FARTHEST else 0
    to_go = goes.to_go if goes and goes.touching[0] - start <= _FARTHEST else 0
    return Way(to_come, to_go)


def _stops(entries: Sequence[Busy | Span], terms: Terms, travel: Travel) -> Iterator[_Stop]:
    """In order. What a visit keeps free already for its own way is not asked for twice."""
    length = terms.duration // timedelta(seconds=1) + terms.buffer_after_minutes * _MINUTE
    before = terms.buffer_before_minutes * _MINUTE
    for entry in sorted(entries, key=_by_time):
        busy = Busy(*entry)
        touching = (busy.start - length + 1, busy.end + before)
        if busy.latitude is None or busy.longitude is None:
            yield _Stop(touching, 0, 0)
            continue
        there = Point(busy.latitude, busy.longitude)
        yield _Stop(
            touching,
            max(0, travel.times.seconds(there, travel.target) - busy.travel_after),
            max(0, travel.times.seconds(travel.target, there) - busy.travel_before),
        )
