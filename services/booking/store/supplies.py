"""Reads what providers offer, and what is occupied of it, in one statement for however many of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from services.booking.domain.booking import Place
from services.booking.domain.occupancy import Busy, Occupancy, Session
from services.booking.domain.offering import Acceptance, Offering
from services.booking.domain.public_holidays import HolidayRegion
from services.booking.domain.refunds import RefundPolicy, RefundTier
from services.booking.domain.spans import Span
from services.booking.domain.supply import Need, Supply, Terms, Worker
from services.booking.domain.touched_days import Reach
from services.booking.store.holiday_regions import region_of
from services.booking.store.hours import ProviderHours
from services.booking.store.reaches import to_reach
from services.booking.store.supply_query import supply_query
from shared.money import Money

ZONE_MARGIN = timedelta(days=2)
"""A local day lies within so much of the same date in UTC, with windows that pass midnight."""
WEEK_MARGIN = timedelta(days=9)
"""The weeks that caps count begin and end so far from a day at most."""

_RULES = (
    "slot_step_minutes",
    "minimum_notice_minutes",
    "window_days",
    "buffer_before_minutes",
    "buffer_after_minutes",
)
_OWN_RULES = ("capacity", "staff_count", "day_cap", "week_cap")

_RANGE = 2  # columns: its start and its end

_DEFAULTS = {"places": [Place.PROVIDER.value]}

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, of some services or of all that a provider has."""

    first: date
    last: date
    service_ids: tuple[str, ...] | None = None

    def values(self, provider_ids: Collection[str]) -> dict[str, Any]:
        start = datetime.combine(self.first, time(), UTC)
        end = datetime.combine(self.last, time(), UTC)
        return {
            "provider_ids": sorted(provider_ids),
            "service_ids": None if self.service_ids is None else list(self.service_ids),
            "first": self.first,
            "last": self.last,
            "from": start - ZONE_MARGIN,
            "to": end + 2 * ZONE_MARGIN,
            "weeks_from": start - WEEK_MARGIN,
            "weeks_to": end + WEEK_MARGIN + ZONE_MARGIN,
        }


@dataclass(frozen=True, slots=True)
class Supplied:
    """One service on offer and what is occupied of it; nothing, where that was not asked for."""

    offering: Offering
    occupancy: Occupancy


@dataclass(frozen=True, slots=True)
class Bookable:
    """One service on offer, and how far a booking of it reaches into its provider's listings."""

    offering: Offering
    reach: Reach


_PLAIN = supply_query()
_EVER = supply_query(withdrawn=True)
_BOOKABLE = supply_query(reach=True)
_COUNTED = supply_query(counted=True)
_OCCUPIED = supply_query(busy=True, counted=True)
_WHY = supply_query(why=True, counted=True)


def load_bookable(connection: Connection, provider_id: str, days: Days) -> Bookable | None:
    """The service with its supply on these days; None: it is not on offer."""
    rows = connection.execute(_BOOKABLE, days.values([provider_id]))
    return next(
        (
            Bookable(found.offering, to_reach(row.time_zone, row.reach))
            for row in rows
            for found in _supplied(row)
        ),
        None,
    )


def load_supplies(
    connection: Connection, provider_id: str, days: Days, *, withdrawn: bool = False
) -> dict[str, Supply]:
    """By service, all that are on offer; `withdrawn`: and those that were, since their visits take place."""
    rows = connection.execute(_EVER if withdrawn else _PLAIN, days.values([provider_id]))
    offerings = [found.offering for row in rows for found in _supplied(row)]
    return {offering.service_id: offering.supply for offering in offerings}


def load_counted(connection: Connection, provider_id: str, days: Days) -> Supplied | None:
    """With sessions and with the visits that caps count, but not who is busy."""
    rows = connection.execute(_COUNTED, days.values([provider_id]))
    return next((found for row in rows for found in _supplied(row)), None)


def load_occupied(connection: Connection, provider_id: str, days: Days) -> Supplied | None:
    """With everything that free times depend on."""
    rows = connection.execute(_OCCUPIED, days.values([provider_id]))
    return next((found for row in rows for found in _supplied(row)), None)


def load_occupied_why(connection: Connection, provider_id: str, days: Days) -> Supplied | None:
    """Like `load_occupied`, with the visits and holds behind blocked ranges."""
    rows = connection.execute(_WHY, days.values([provider_id]))
    return next((found for row in rows for found in _supplied(row)), None)


def load_many(
    connection: Connection, provider_ids: Collection[str], days: Days, *, why: bool = False
) -> dict[str, list[Supplied]]:
    """Services of many providers, the shortest first, in one statement (rule B19); `why`: with the visits
    and holds behind blocked ranges."""
    rows = connection.execute(_WHY if why else _OCCUPIED, days.values(provider_ids))
    return {row.provider_id: list(_supplied(row)) for row in rows}


def _supplied(row: Row[Any]) -> Iterator[Supplied]:
    hours, holidays = ProviderHours.of(row), region_of(row.calendar or {})
    busy = _busy(row.busy or {})
    sessions = defaultdict(list)
    for service_id, start, end, staff_ids, taken, seats, session_id in row.sessions or ():
        sessions[service_id].append(Session(start, tuple(staff_ids), taken, seats, session_id, end))
    tiers = tuple(RefundTier(**tier) for tier in row.tiers)
    policy = RefundPolicy(row.policy_id, tiers, row.most_moves, row.no_show_percent)
    for service in row.services or ():
        yield Supplied(
            Offering(
                now=row.now.astimezone(UTC),
                provider_id=row.provider_id,
                service_id=service["id"],
                service_name=service["name"],
                price=Money(*service["price"]),
                supply=_supply(row, service, hours, holidays),
                policy=policy,
                places=tuple(Place(place) for place in (service["rules"] or _DEFAULTS)["places"]),
                answer_hours=_answer_hours(service["rules"] or {}),
            ),
            Occupancy(
                busy,
                sessions[service["id"]],
                {staff_id: starts or () for staff_id, starts in (row.staff_visits or {}).items()},
                (row.service_visits or {}).get(service["id"]) or (),
            ),
        )


def _answer_hours(rules: Object) -> int | None:
    hours: int = rules.get("answer_hours", 0)
    return hours if rules.get("acceptance") == Acceptance.PROVIDER else None


def _supply(row: Row[Any], service: Object, hours: ProviderHours, holidays: HolidayRegion | None) -> Supply:
    calendar = row.calendar or {}
    does_it = set(service["staff_ids"] or ())
    return Supply(
        time_zone=row.time_zone,
        terms=_terms(calendar, service),
        workers=tuple(
            Worker(staff_id, hours.of_worker(staff_id, service["id"]), day_cap, week_cap)
            for staff_id, day_cap, week_cap in row.staff or ()
            if staff_id in does_it
        ),
        hours=hours.of_all(),
        service_hours=hours.of_service(service["id"]),
        holidays=holidays,
        time_off=hours.time_off,
        travel_speed_kmh=calendar.get("travel_speed_kmh"),
    )


def _terms(calendar: Object, service: Object) -> Terms:
    own = service["rules"] or {}
    rules = {name: own[name] for name in _OWN_RULES if name in own}
    for name in _RULES:
        value = own.get(name) if own.get(name) is not None else calendar.get(name)
        if value is not None:
            rules[name] = value
    needs = tuple(
        Need(pool_id, tuple(unit_ids or ()), count) for pool_id, count, unit_ids in service["needs"] or ()
    )
    return Terms(timedelta(minutes=service["duration_minutes"]), needs=needs, **rules)


def _busy(by_resource: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, list[Busy | Span]]:
    """Of a range without its visit two numbers are enough: there are thousands in a month of many people."""
    return {
        resource_id: list(zip(*columns, strict=True))
        if len(columns) == _RANGE
        else [Busy(*entry) for entry in zip(*columns, strict=True)]
        for resource_id, columns in by_resource.items()
    }
