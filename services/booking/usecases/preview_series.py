"""Says of every instance of a series what would become of it, and what there is instead (rule T17)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.local_time import local_clock
from services.booking.domain.reasons import Request, explain
from services.booking.domain.recurrence import RecurrenceRefusedError, read_recurrence
from services.booking.domain.series import Prospect, next_existing, prospect_of
from services.booking.domain.slots import Slot, free_slots
from services.booking.domain.timetable import Timetable
from services.booking.store.supplies import Days, Supplied, load_occupied_why
from services.booking.usecases.availability import on_offer
from services.booking.usecases.explanations import MOST_ALTERNATIVES
from services.booking.usecases.refusals import code_of, read_day, read_time
from services.booking.usecases.views import slot_view
from shared.contracts.booking_series import rule_refused
from shared.database.transaction import Transaction
from shared.errors import invalid_field

DAYS_AT_ONCE = 31
"""So many days are read by one statement."""

_HAVE_ALTERNATIVES = (Prospect.CONFLICT, Prospect.CLOSED, Prospect.TIME_DOES_NOT_EXIST)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A series as it is asked for: the rule as it is kept, and its days."""

    rule: str
    first_day: date
    start_time: time
    days: tuple[date, ...]


def repeated(request: dict[str, Any]) -> Repeated:
    """Raises `validation_failed`, `past_date`, `beyond_window`, `rule_refused`."""
    first, at = read_day(request, "booking_date"), read_time(request, "start_time")
    try:
        days = read_recurrence(request["rule"]).days(first)
    except RecurrenceRefusedError as error:
        raise rule_refused(errors={"rule": [str(error)]}) from None
    return Repeated(request["rule"].upper(), first, at, tuple(days))


def preview_series(transaction: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """SeriesPreviewSchema; changes nothing. Raises `not_found` and as `repeated` does."""
    wanted, staff_id = repeated(request), request["staff_id"]
    instances: list[dict[str, Any]] = []
    last: Supplied | None = None
    for days in read_together(wanted.days):
        with transaction() as connection:
            last = _load(connection, request, days)
        for day in days:
            seen = prospect_view(last, Request(day, wanted.start_time), staff_id)
            instances.append({"position": len(instances) + 1, **seen})
    if last is None:
        raise invalid_field("rule", "No day matches the rule.")
    offering = last.offering
    return {
        "provider_id": offering.provider_id,
        "service_id": offering.service_id,
        "service_name": dict(offering.service_name),
        "time_zone": offering.supply.time_zone,
        "price": offering.quote().total.to_wire(),
        "instances": instances,
        "computed_at": offering.now,
    }


def read_together(days: Sequence[date]) -> Iterator[list[date]]:
    """Days that are near enough to be read at once."""
    group: list[date] = []
    for day in days:
        if group and (day - group[0]).days >= DAYS_AT_ONCE:
            yield group
            group = []
        group.append(day)
    if group:
        yield group


def _load(connection: Connection, request: dict[str, Any], days: list[date]) -> Supplied:
    read = Days(days[0], days[-1], (request["service_id"],))
    return on_offer(load_occupied_why(connection, request["provider_id"], read), request["staff_id"])


def prospect_view(supplied: Supplied, wanted: Request, staff_id: str | None) -> dict[str, Any]:
    """StartProspectSchema."""
    offering, supply = supplied.offering, supplied.offering.supply
    found = explain(supply, supplied.occupancy, wanted, offering.now, staff_id)
    prospect = prospect_of(found)
    code = code_of(found.removals[0].rule) if found.removals else None
    skipped = None
    if prospect is Prospect.TIME_DOES_NOT_EXIST:
        clock = local_clock(supply.time_zone, wanted.day, wanted.day + timedelta(days=2))
        skipped = next_existing(clock, wanted)
    slots: list[Slot] = []
    if prospect in _HAVE_ALTERNATIVES:
        table = Timetable(supply, offering.now, wanted.day, wanted.day)
        slots = free_slots(table, supplied.occupancy, staff_id)[wanted.day]
        at = datetime.combine(wanted.day, wanted.time)
        slots = sorted(slots, key=lambda slot: (abs(slot.start.local - at), slot.start.instant))
    return {
        "local_date": wanted.day.isoformat(),
        "local_time": f"{wanted.time:%H:%M}",
        "prospect": prospect.value,
        "code": code.code if code else None,
        "message": code.message if code else None,
        "starts_at": found.start.instant if found.start else None,
        "utc_offset": found.start.offset_text if found.start else None,
        "next_existing": f"{skipped.local:%H:%M}" if skipped else None,
        "alternatives": [slot_view(slot) for slot in slots[:MOST_ALTERNATIVES]],
    }
