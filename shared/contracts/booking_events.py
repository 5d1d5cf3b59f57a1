"""The part of booking's public face that tells of a booking's life and of free times: its events."""

from shared.contracts.booking_answers import ANSWER_EVENTS
from shared.contracts.booking_answers import BOOKING_ANSWER_DUE as BOOKING_ANSWER_DUE
from shared.contracts.booking_forms import BookingCancelledSchema, BookingSchema
from shared.contracts.booking_moves import BOOKING_RESCHEDULED as BOOKING_RESCHEDULED
from shared.contracts.booking_moves import MOVE_EVENTS
from shared.contracts.booking_no_show import BOOKING_CONTESTED as BOOKING_CONTESTED
from shared.contracts.booking_no_show import BOOKING_NO_SHOW as BOOKING_NO_SHOW
from shared.contracts.booking_no_show import BOOKING_NO_SHOW_STANDS as BOOKING_NO_SHOW_STANDS
from shared.contracts.booking_no_show import NO_SHOW_EVENTS
from shared.contracts.booking_series import BOOKING_PAYMENT_DUE as BOOKING_PAYMENT_DUE
from shared.contracts.booking_series import SERIES_EVENTS
from shared.contracts.booking_supply import SERVICE
from shared.contracts.booking_times_forms import AvailabilityChangedSchema
from shared.contracts.declaration import EventType

BOOKING_HELD = EventType(SERVICE, "booking_held", 1, BookingSchema)
BOOKING_CONFIRMED = EventType(SERVICE, "booking_confirmed", 1, BookingSchema)
BOOKING_CANCELLED = EventType(SERVICE, "booking_cancelled", 1, BookingCancelledSchema)
BOOKING_EXPIRED = EventType(SERVICE, "booking_expired", 1, BookingSchema)
BOOKING_STARTED = EventType(SERVICE, "booking_started", 1, BookingSchema)
BOOKING_COMPLETED = EventType(SERVICE, "booking_completed", 1, BookingSchema)
AVAILABILITY_CHANGED = EventType(SERVICE, "availability_changed", 1, AvailabilityChangedSchema)
"""Empty `local_days`: any day."""
EVENTS = (
    BOOKING_HELD,
    BOOKING_CONFIRMED,
    BOOKING_CANCELLED,
    BOOKING_EXPIRED,
    BOOKING_STARTED,
    BOOKING_COMPLETED,
    *ANSWER_EVENTS,
    *MOVE_EVENTS,
    *SERIES_EVENTS,
    *NO_SHOW_EVENTS,
    AVAILABILITY_CHANGED,
)
