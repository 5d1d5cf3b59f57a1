"""Free times of a service: of a local day, of a range of days, and of many providers at once."""

from datetime import date, timedelta
from typing import Any

from services.booking.domain.reasons import check_days
from services.booking.domain.rules import StartRefusedError
from services.booking.domain.slots import free_slots
from services.booking.domain.timetable import Timetable
from services.booking.store.supplies import Days, Supplied, load_occupied, load_occupied_why
from services.booking.usecases.care_wanted import with_ways
from services.booking.usecases.refusals import read_day, to_service_error
from services.booking.usecases.views import slot_view
from shared.contracts.booking import range_too_long
from shared.contracts.booking_times_forms import MOST_DAYS
from shared.database.transaction import Transaction
from shared.errors import invalid_field, not_found


def get_availability(transaction: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """AvailabilitySchema of one local day in the provider's zone, or of several (promise C1).

    Raises `not_found`, `past_date`, `beyond_window`, `range_too_long`. Times after midnight are
    listed with the day on which their window opens. With the point of a home visit, ways to it count
    (promise C7). Reading is advice (rule C15).
    """
    first, last, member = days_asked_for(request)
    latitude, longitude = request["latitude"], request["longitude"]
    load = load_occupied if latitude is None else load_occupied_why
    with transaction() as connection:
        found = load(connection, request["provider_id"], Days(first, last, (request["service_id"],)))
    supplied = on_offer(found, request["staff_id"])
    offering, occupancy = supplied.offering, with_ways(supplied, latitude, longitude)
    table = Timetable(offering.supply, offering.now, first, last)
    try:
        check_days(table)
    except StartRefusedError as error:
        raise to_service_error(error, member) from None
    by_day = {
        day: [slot_view(slot) for slot in slots]
        for day, slots in free_slots(table, occupancy, request["staff_id"]).items()
    }
    is_one_day = request["date"] is not None
    return {
        "provider_id": offering.provider_id,
        "service_id": offering.service_id,
        "date": first.isoformat() if is_one_day else None,
        "time_zone": offering.supply.time_zone,
        "duration_minutes": offering.supply.terms.duration // timedelta(minutes=1),
        "price": offering.quote().total.to_wire(),
        "slots": by_day[first] if is_one_day else [],
        "days": [{"date": day.isoformat(), "slots": slots} for day, slots in by_day.items()],
        "answer_hours": offering.answer_hours,
        "computed_at": offering.now,
    }


def days_asked_for(request: dict[str, Any]) -> tuple[date, date, str]:
    """The first and the last day, and the request's member that is to blame when they can't be listed.

    Raises `validation_failed` and `range_too_long`.
    """
    if (request["date"] is None) == (request["from_date"] is None):
        raise invalid_field("date", "Give a date, or from and to.")
    if request["date"] is not None:
        day = read_day(request, "date")
        return day, day, "date"
    if request["to_date"] is None:
        raise invalid_field("to", "A range has a last day.")
    first, last = read_day(request, "from_date", "from"), read_day(request, "to_date", "to")
    if last < first:
        raise invalid_field("to", "The last day comes before the first.")
    if (last - first).days >= MOST_DAYS:
        raise range_too_long(errors={"to": [range_too_long.message]}, days=MOST_DAYS)
    return first, last, "from"


def on_offer(found: Supplied | None, staff_id: str | None) -> Supplied:
    """Raises `not_found` for a service that is not on offer, or not by the one who was asked for."""
    if found is None or (staff_id is not None and staff_id not in found.offering.staff_ids):
        raise not_found()
    return found
