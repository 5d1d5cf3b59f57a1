"""Whether the customer of a booking that is there already has another visit at a time (rule C19)."""

from datetime import datetime

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.care import whereabouts
from services.booking.domain.local_time import Interval
from services.booking.store.care import care_of
from services.booking.store.whereabouts import visits_then
from shared.contracts.booking import customer_in_two_places


def check_one_place(
    connection: Connection, booking: Booking, visit: Interval, now: datetime, allowed: bool | None
) -> None:
    """Raise `customer_in_two_places` for a visit at this time, unless that is allowed.

    Ask it under the customer's lock to have it so when this transaction ends.
    """
    other = None if allowed else other_visit(connection, booking, visit, now)
    if other is not None:
        raise customer_in_two_places(booking_id=other)


def is_elsewhere(connection: Connection, booking: Booking, now: datetime) -> bool:
    """Whether its customer has something else at its own time, and was not allowed to when it was held."""
    return not booking.may_overlap and other_visit(connection, booking, booking.visit, now) is not None


def other_visit(
    connection: Connection, booking: Booking, visit: Interval, now: datetime, *besides: str
) -> str | None:
    """The id of what else its customer has at this time, besides these and what it replaces."""
    recipient, own = care_of(connection, booking.booking_id).recipient, booking.booking_id
    there = whereabouts(booking.customer_id, recipient, visit, own, booking.replaces_id, *besides)
    return next(iter(visits_then(connection, there, now)), None)
