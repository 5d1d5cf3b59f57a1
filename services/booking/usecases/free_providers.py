"""Which of many providers have a free time on a day: for a search by date."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Place
from services.booking.domain.slots import first_free
from services.booking.domain.timetable import Timetable
from services.booking.store.supplies import Days, Supplied, load_many
from services.booking.usecases.care_wanted import with_ways
from services.booking.usecases.refusals import read_day
from shared.database.transaction import Transaction


def find_free_providers(transaction: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """FreeProvidersSchema: those who have a free start of any of the services that are asked about.

    Raises `past_date`, `beyond_window` for days that no calendar knows. The day is each provider's own. With
    the point of a home visit ways to it count, as in the free times of the day (promise C7, rule B16).
    """
    day = read_day(request, "date")
    wanted = {entry["provider_id"]: set(entry["service_ids"]) for entry in request["wanted"]}
    service_ids = tuple(sorted(set().union(*wanted.values())))
    latitude, longitude = request["latitude"], request["longitude"]
    with transaction() as connection:
        found = _load(connection, wanted, Days(day, day, service_ids), latitude)
    free = []
    for provider_id, supplied in found.items():
        asked = [one for one in supplied if one.offering.service_id in wanted[provider_id]]
        first = _first_free(
            [replace(one, occupancy=with_ways(one, latitude, longitude)) for one in asked], day
        )
        if first is not None:
            free.append(first)
    return {"date": day.isoformat(), "free": free}


def _load(
    connection: Connection, provider_ids: Collection[str], days: Days, latitude: float | None
) -> dict[str, list[Supplied]]:
    """Where visits are is read of those only to whose home visits ways count: it is much more to read."""
    found = load_many(connection, provider_ids, days)
    if latitude is None:
        return found
    on_their_way = [provider_id for provider_id, services in found.items() if any(map(_makes_ways, services))]
    return found | load_many(connection, on_their_way, days, why=True) if on_their_way else found


def _makes_ways(supplied: Supplied) -> bool:
    offering = supplied.offering
    return offering.supply.travel_speed_kmh is not None and Place.CUSTOMER in offering.places


def _first_free(services: list[Supplied], day: date) -> dict[str, Any] | None:
    """The first start of the shortest service that has one."""
    for supplied in services:
        offering = supplied.offering
        table = Timetable(offering.supply, offering.now, day, day)
        start = first_free(table, supplied.occupancy).get(day)
        if start is not None:
            return {
                "provider_id": offering.provider_id,
                "service_id": offering.service_id,
                "starts_at": start.instant,
                "local_date": start.local.date().isoformat(),
                "local_time": f"{start.local:%H:%M}",
                "utc_offset": start.offset_text,
            }
    return None
