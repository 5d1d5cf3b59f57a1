"""Which of many providers have a free time on a day: for a search by date."""

from datetime import date
from typing import Any

from services.booking.domain.slots import first_free
from services.booking.domain.timetable import Timetable
from services.booking.store.supplies import Days, Supplied, load_many
from services.booking.usecases.refusals import read_day
from shared.database.transaction import Transaction


def find_free_providers(transaction: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """FreeProvidersSchema: those who have a free start of any of the services that are asked about.

    Raises `past_date`, `beyond_window` for days that no calendar knows. The day is each provider's own.
    """
    day = read_day(request, "date")
    wanted = {entry["provider_id"]: set(entry["service_ids"]) for entry in request["wanted"]}
    service_ids = tuple(sorted(set().union(*wanted.values())))
    with transaction() as connection:
        found = load_many(connection, wanted, Days(day, day, service_ids))
    free = []
    for provider_id, supplied in found.items():
        first = _first_free([one for one in supplied if one.offering.service_id in wanted[provider_id]], day)
        if first is not None:
            free.append(first)
    return {"date": day.isoformat(), "free": free}


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
