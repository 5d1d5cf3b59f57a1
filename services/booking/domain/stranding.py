"""Which agreed visits would no longer fit when a provider's hours and people change."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.booking.domain.local_time import Interval, local_day
from services.booking.domain.spans import lies_in
from services.booking.domain.supply import Supply
from services.booking.domain.timetable import Timetable


@dataclass(frozen=True, slots=True)
class AgreedVisit:
    """A visit that is to take place, who of the staff does it, and the rooms and equipment that it takes."""

    booking_id: str
    service_id: str
    staff_ids: tuple[str, ...]
    visit: Interval
    unit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a provider has to give at one moment: supplies by service, and the units that are in use."""

    supplies: Mapping[str, Supply]
    unit_ids: Collection[str] = ()


def stranded(visits: Collection[AgreedVisit], given: Given, now: datetime) -> set[str]:
    """The bookings whose visit lies outside the hours of those who do it, or who don't any more, or that
    take a unit which is used no more.

    A service that has no supply is not looked at. Notice, window, grid and caps are about new bookings
    and strand nobody.
    """
    alike: dict[tuple[str, timedelta], list[AgreedVisit]] = defaultdict(list)
    for visit in visits:
        if visit.service_id in given.supplies:
            alike[(visit.service_id, visit.visit.end - visit.visit.start)].append(visit)
    outside = {
        visit.booking_id
        for (service_id, duration), group in alike.items()
        for visit in _outside(group, given.supplies[service_id], duration, now)
    }
    return outside | {visit.booking_id for visit in visits if not set(visit.unit_ids) <= set(given.unit_ids)}


def _outside(
    visits: Sequence[AgreedVisit], supply: Supply, duration: timedelta, now: datetime
) -> list[AgreedVisit]:
    days = [local_day(visit.visit.start, supply.time_zone) for visit in visits]
    as_agreed = replace(supply, terms=replace(supply.terms, duration=duration))
    table = Timetable(as_agreed, now, min(days), max(days))
    removed = {
        worker.staff_id: [*table.for_worker(worker).values(), table.outside_service_hours()]
        for worker in supply.workers
    }

    def fits(visit: AgreedVisit) -> bool:
        start, _ = visit.visit.span
        return all(
            staff_id in removed and not any(lies_in(start, spans) for spans in removed[staff_id])
            for staff_id in visit.staff_ids
        )

    return [visit for visit in visits if not fits(visit)]
