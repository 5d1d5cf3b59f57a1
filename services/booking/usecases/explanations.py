"""Why a time is not free, in the words of the contract, and which times near it are."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.booking.domain.booking import Booking
from services.booking.domain.moving import without
from services.booking.domain.reasons import Explanation, Request, explain
from services.booking.domain.rules import Removal
from services.booking.domain.slots import Slot, free_slots
from services.booking.domain.timetable import Timetable
from services.booking.store.supplies import Days, Supplied, load_occupied_why
from services.booking.usecases.availability import on_offer
from services.booking.usecases.care_wanted import with_ways
from services.booking.usecases.refusals import code_of, read_day, read_time
from services.booking.usecases.views import slot_view
from shared.contracts.booking import slot_taken
from shared.contracts.booking_times_forms import SlotSchema
from shared.contracts.declaration import write
from shared.database.transaction import Transaction
from shared.errors import ServiceError

MOST_ALTERNATIVES = 5
DAYS_OF_ALTERNATIVES = 7
"""A later week helps few; they ask for its days."""


def explain_availability(transaction: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """ExplanationSchema: which rules remove a start, and the nearest free ones.

    Raises `not_found`. Names nobody: whose booking is in the way stays unsaid.
    """
    day, local_time = read_day(request, "date", "at"), read_time(request, "time", "at")
    wanted = Request(day, local_time, request["utc_offset"])
    before = wanted.day - timedelta(days=DAYS_OF_ALTERNATIVES)
    after = wanted.day + timedelta(days=DAYS_OF_ALTERNATIVES)
    supplied = _load(transaction, request, Days(before, after, (request["service_id"],)))
    offering, staff_id = supplied.offering, request["staff_id"]
    occupancy = with_ways(supplied, request["latitude"], request["longitude"])
    found = explain(offering.supply, occupancy, wanted, offering.now, staff_id)
    table = Timetable(offering.supply, offering.now, before, after)
    slots = _all(free_slots(table, occupancy, staff_id))
    nearest = sorted(slots, key=lambda slot: (abs(_away(slot, wanted)), slot.start.instant))
    others = [slot for slot in nearest if found.start is None or slot.start != found.start]
    return {
        "provider_id": offering.provider_id,
        "service_id": offering.service_id,
        "date": wanted.day.isoformat(),
        "time": f"{wanted.time:%H:%M}",
        "time_zone": offering.supply.time_zone,
        "starts_at": found.start.instant if found.start else None,
        "utc_offset": found.start.offset_text if found.start else None,
        "is_free": not found.removals,
        "reasons": _reasons(found),
        "alternatives": [slot_view(slot) for slot in others[:MOST_ALTERNATIVES]],
        "computed_at": offering.now,
    }


def why_taken(
    transaction: Transaction, request: dict[str, Any], wanted: Request, leave_out: Booking | None = None
) -> ServiceError:
    """The refusal of a start that was on offer and is not free, with the next ones that are.

    `leave_out`: the booking that is to be moved there; what it has now is in nobody's way.
    """
    last = wanted.day + timedelta(days=DAYS_OF_ALTERNATIVES)
    supplied = _load(transaction, request, Days(wanted.day, last, (request["service_id"],)))
    offering, staff_id, address = supplied.offering, request["staff_id"], request.get("address") or {}
    if leave_out is not None:
        supplied = replace(supplied, occupancy=without(supplied.occupancy, leave_out))
    occupancy = with_ways(supplied, address.get("latitude"), address.get("longitude"))
    found = explain(offering.supply, occupancy, wanted, offering.now, staff_id)
    table = Timetable(offering.supply, offering.now, wanted.day, last)
    slots = _all(free_slots(table, occupancy, staff_id))
    later = [slot for slot in slots if _away(slot, wanted) > timedelta(0)]
    alternatives = [write(SlotSchema, slot_view(slot)) for slot in later[:MOST_ALTERNATIVES]]
    if not found.removals:
        return slot_taken(alternatives=alternatives)
    first = found.removals[0]
    code = code_of(first.rule)
    return code(
        alternatives=alternatives,
        reason=first.rule.value,
        errors={"start_time": [code.message]},
    )


def _load(transaction: Transaction, request: dict[str, Any], days: Days) -> Supplied:
    with transaction() as connection:
        found = load_occupied_why(connection, request["provider_id"], days)
    return on_offer(found, request["staff_id"])


def _reasons(found: Explanation) -> list[dict[str, Any]]:
    """Each rule once; whom of the staff it concerns is not told."""
    views = [_reason(removal) for removal in found.removals]
    return [view for number, view in enumerate(views) if view not in views[:number]]


def _reason(removal: Removal) -> dict[str, Any]:
    code = code_of(removal.rule)
    return {
        "rule": removal.rule.value,
        "code": code.code,
        "message": code.message,
        "until": removal.until,
        "holiday": removal.holiday,
        "taken": removal.taken,
        "capacity": removal.capacity,
        "resource_id": removal.pool_id,
    }


def _all(by_day: dict[Any, list[Slot]]) -> list[Slot]:
    return [slot for slots in by_day.values() for slot in slots]


def _away(slot: Slot, wanted: Request) -> timedelta:
    return slot.start.local - datetime.combine(wanted.day, wanted.time)
