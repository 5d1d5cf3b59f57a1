"""Free times of a local day, and the next ones when somebody was quicker."""

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from services.booking.domain.local_time import Interval
from services.booking.domain.offering import Offering
from services.booking.domain.slots import Offer, Refusal, Request, Slot, StartRefusedError, check_day
from services.booking.store.occupancy import busy_times
from services.booking.store.offerings import load_offering
from services.booking.usecases.refusals import read_day, to_service_error
from services.booking.usecases.views import slot_view
from shared.contracts.booking_forms import SlotSchema
from shared.contracts.declaration import write
from shared.database.transaction import Transaction
from shared.errors import not_found

MOST_ALTERNATIVES = 5
DAYS_OF_ALTERNATIVES = 7
"""A later week helps few; they ask for its days."""


def get_availability(transaction: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """AvailabilitySchema of one local day in the provider's zone (promise C1).

    Raises `not_found`, `past_date`, `beyond_window`. Times after midnight are listed with the day
    on which their window opens. Reading is advice (rule C15).
    """
    day = read_day(request, "date")
    with transaction() as connection:
        offering = load_offering(connection, request["provider_id"], request["service_id"], day, day)
        if offering is None:
            raise not_found()
        staff_ids = staff_asked_for(offering, request["staff_id"])
        try:
            offer = _offer_of_day(offering, day)
        except StartRefusedError as error:
            raise to_service_error(error, "date") from None
        within = offer.range_of(day)
        busy = busy_times(connection, staff_ids, within, offering.now) if within else {}
    return {
        "provider_id": offering.provider_id,
        "service_id": offering.service_id,
        "date": day.isoformat(),
        "time_zone": offering.calendar.time_zone,
        "duration_minutes": offering.duration // timedelta(minutes=1),
        "price": offering.quote().total.to_wire(),
        "slots": [slot_view(slot) for slot in offer.free_slots(day, busy)],
        "computed_at": offering.now,
    }


def next_free_slots(
    transaction: Transaction, request: dict[str, Any], wanted: Request
) -> list[dict[str, Any]]:
    """The next free starts after the wanted one, at most MOST_ALTERNATIVES, in the form of SlotSchema."""
    last = wanted.day + timedelta(days=DAYS_OF_ALTERNATIVES)
    with transaction() as connection:
        offering = load_offering(connection, request["provider_id"], request["service_id"], wanted.day, last)
        if offering is None:
            return []
        staff_ids = staff_asked_for(offering, request["staff_id"])
        last = min(last, offering.calendar.last_day(offering.now))
        offer = Offer(offering.calendar, offering.duration, offering.now, wanted.day, last)
        days = [wanted.day + timedelta(days=number) for number in range((last - wanted.day).days + 1)]
        ranges = [found for day in days if (found := offer.range_of(day))]
        if not ranges:
            return []
        within = Interval(ranges[0].start, max(found.end for found in ranges))
        busy = busy_times(connection, staff_ids, within, offering.now)
    later = (slot for day in days for slot in offer.free_slots(day, busy) if _is_after(slot, wanted))
    return [write(SlotSchema, slot_view(slot)) for slot in islice(later, MOST_ALTERNATIVES)]


def staff_asked_for(offering: Offering, staff_id: str | None) -> tuple[str, ...]:
    """The one that was asked for, or all who do this service. Raises `not_found`."""
    if staff_id is None:
        return offering.staff_ids
    if staff_id not in offering.staff_ids:
        raise not_found()
    return (staff_id,)


def _offer_of_day(offering: Offering, day: date) -> Offer:
    """Yesterday is still listed while its windows run on past midnight."""
    calendar, now = offering.calendar, offering.now
    if day >= calendar.today(now):
        check_day(calendar, day, now)
    offer = Offer(calendar, offering.duration, now, day, day)
    if offer.is_over(day):
        raise StartRefusedError(Refusal.PAST)
    return offer


def _is_after(slot: Slot, wanted: Request) -> bool:
    return slot.start.local > datetime.combine(wanted.day, wanted.time)
