"""Writes that a visit took place or will not: the slot is free in the same commit, and everybody is told."""

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, complete
from services.booking.domain.states import Change
from services.booking.store.bookings import record
from services.booking.store.reaches import load_reaches
from services.booking.usecases.announcements import announce, booking_event, slot_changed
from shared.contracts.booking_events import BOOKING_CANCELLED, BOOKING_COMPLETED
from shared.contracts.booking_no_show import BOOKING_NO_SHOW
from shared.contracts.declaration import EventType


def record_cancellation(connection: Connection, before: Booking, cancelled: Booking, change: Change) -> None:
    """The slot is free and the refund due; `before` is locked."""
    _record(connection, BOOKING_CANCELLED, before, cancelled, change)


def record_completion(connection: Connection, before: Booking, change: Change) -> Booking:
    """The visit took place; `before` is locked. Raises TransitionRefusedError."""
    completed = complete(before, change)
    _record(connection, BOOKING_COMPLETED, before, completed, change)
    return completed


def record_no_show(connection: Connection, before: Booking, missed: Booking, change: Change) -> None:
    """The customer was not there; `before` is locked."""
    _record(connection, BOOKING_NO_SHOW, before, missed, change)


def _record(
    connection: Connection, event_type: EventType, before: Booking, after: Booking, change: Change
) -> None:
    """Whoever looks for free times is told while the time that gets free is still to come."""
    record(connection, before, after, change)
    events = [booking_event(event_type, after, change.at)]
    if change.at < after.blocked.end:
        reach = load_reaches(connection, [after.provider_id])[after.provider_id]
        events.append(slot_changed(after, reach, change.at))
    announce(connection, events)
