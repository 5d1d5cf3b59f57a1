"""The ways to and from a home visit that is booked already: other visits may be around it by now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, Place
from services.booking.domain.local_time import local_day
from services.booking.domain.spans import lies_in
from services.booking.domain.supply import Supply, Terms
from services.booking.domain.travel import Travel, travel_to, ways_at, within_reach
from services.booking.domain.ways import Way
from services.booking.store.care import care_of
from services.booking.store.supplies import Days, load_occupied_why
from shared.geo import Point

_MINUTE = timedelta(minutes=1)


def point_of(connection: Connection, booking: Booking) -> Point | None:
    """Where a booking's home visit is; None: it is none."""
    address = care_of(connection, booking.booking_id).address if booking.place is Place.CUSTOMER else None
    return address.point if address else None


def travel_of(connection: Connection, booking: Booking, supply: Supply) -> Travel | None:
    """The same, if ways to it count."""
    return travel_to(supply, booking.place, point_of(connection, booking))


def ways_of_agreed(connection: Connection, booking: Booking) -> Mapping[str, Way] | None:
    """Of each who does it; None: somebody can't be there in time, or not at the next visit.

    Call it under the locks of `take_slot.counted_on_again`; the booking occupies nothing.
    """
    if booking.place is not Place.CUSTOMER:
        return {}
    day = local_day(booking.visit.start, booking.time_zone)
    days = Days(day, day, (booking.service_id,))
    found = load_occupied_why(connection, booking.provider_id, days)
    if found is None:
        return {}
    supply = found.offering.supply
    supply = replace(supply, terms=_as_agreed(supply.terms, booking))
    travel = travel_of(connection, booking, supply)
    occupancy = within_reach(found.occupancy, supply, travel)
    begins, _ = booking.visit.span
    staff_ids = [one.staff_id for one in supply.workers if one.staff_id in booking.resource_ids]
    if any(lies_in(begins, occupancy.too_far.get(staff_id, ())) for staff_id in staff_ids):
        return None
    return ways_at(occupancy, supply.terms, begins, staff_ids, travel)


def _as_agreed(terms: Terms, booking: Booking) -> Terms:
    """As long, and with the buffers, as it was agreed."""
    visit, blocked = booking.visit, booking.blocked
    return replace(
        terms,
        duration=visit.end - visit.start,
        buffer_before_minutes=(visit.start - blocked.start) // _MINUTE,
        buffer_after_minutes=(blocked.end - visit.end) // _MINUTE,
    )
