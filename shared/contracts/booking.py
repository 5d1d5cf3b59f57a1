"""The public face of booking: free times, holds, bookings; events of a booking's life."""

from shared.contracts.booking_forms import (
    AvailabilityChangedSchema,
    AvailabilityRequestSchema,
    AvailabilitySchema,
    BookingCancelledSchema,
    BookingIdRequestSchema,
    BookingSchema,
    BookingsSchema,
    CancelBookingRequestSchema,
    CreateBookingRequestSchema,
    ListBookingsRequestSchema,
    PreparedPaymentSchema,
    RefundQuoteSchema,
)
from shared.contracts.booking_visit_forms import ListVisitsRequestSchema, VisitSchema, VisitsSchema
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.errors import Category, ErrorCode

SERVICE = "booking"


past_date = ErrorCode("past_date", Category.INVALID, "This time has passed.")
beyond_window = ErrorCode("beyond_window", Category.INVALID, "This date is too far ahead to book.")
closed = ErrorCode("closed", Category.INVALID, "The provider does not work at this time.")
time_does_not_exist = ErrorCode(
    "time_does_not_exist", Category.INVALID, "The clocks skip this local time on that day."
)
slot_taken = ErrorCode("slot_taken", Category.CONFLICT, "This time is no longer free.")
too_many_holds = ErrorCode(
    "too_many_holds", Category.CONFLICT, "Pay or cancel a held booking before holding another."
)
quote_changed = ErrorCode(
    "quote_changed", Category.CONFLICT, "What you get back has changed. Look at it again before you cancel."
)
hold_expired = ErrorCode("hold_expired", Category.CONFLICT, "The hold on this time has ended.")
booking_state_conflict = ErrorCode(
    "booking_state_conflict", Category.CONFLICT, "The booking's state does not allow this."
)


CREATE_ERRORS = (
    past_date,
    beyond_window,
    closed,
    time_does_not_exist,
    slot_taken,
    too_many_holds,
)

GET_AVAILABILITY = RpcMethod(
    SERVICE,
    "get_availability",
    MethodKind.QUESTION,
    AvailabilityRequestSchema,
    AvailabilitySchema,
    (beyond_window, past_date),
)
CREATE_BOOKING = RpcMethod(
    SERVICE,
    "create_booking",
    MethodKind.COMMAND,
    CreateBookingRequestSchema,
    BookingSchema,
    CREATE_ERRORS,
)
"""`slot_taken` carries `{"alternatives": [<slot>, ...]}`: the next free slots, at most five."""
GET_BOOKING = RpcMethod(SERVICE, "get_booking", MethodKind.QUESTION, BookingIdRequestSchema, BookingSchema)
LIST_BOOKINGS = RpcMethod(
    SERVICE,
    "list_bookings",
    MethodKind.QUESTION,
    ListBookingsRequestSchema,
    BookingsSchema,
)
GET_VISIT = RpcMethod(SERVICE, "get_visit", MethodKind.QUESTION, BookingIdRequestSchema, VisitSchema)
LIST_VISITS = RpcMethod(SERVICE, "list_visits", MethodKind.QUESTION, ListVisitsRequestSchema, VisitsSchema)
GET_REFUND_QUOTE = RpcMethod(
    SERVICE,
    "get_refund_quote",
    MethodKind.QUESTION,
    BookingIdRequestSchema,
    RefundQuoteSchema,
    (booking_state_conflict,),
)
CANCEL_BOOKING = RpcMethod(
    SERVICE,
    "cancel_booking",
    MethodKind.COMMAND,
    CancelBookingRequestSchema,
    BookingSchema,
    (booking_state_conflict, quote_changed),
)
"""`quote_changed` carries `{"quote": <refund quote>}`: what cancelling gives back now."""
PREPARE_PAYMENT = RpcMethod(
    SERVICE,
    "prepare_payment",
    MethodKind.COMMAND,
    BookingIdRequestSchema,
    PreparedPaymentSchema,
    (hold_expired, booking_state_conflict),
)
"""Called by payment for the booking's customer: checks the hold and prolongs it once."""
METHODS = (
    GET_AVAILABILITY,
    CREATE_BOOKING,
    GET_BOOKING,
    LIST_BOOKINGS,
    GET_VISIT,
    LIST_VISITS,
    GET_REFUND_QUOTE,
    CANCEL_BOOKING,
    PREPARE_PAYMENT,
)


BOOKING_HELD = EventType(SERVICE, "booking_held", 1, BookingSchema)
BOOKING_CONFIRMED = EventType(SERVICE, "booking_confirmed", 1, BookingSchema)
BOOKING_CANCELLED = EventType(SERVICE, "booking_cancelled", 1, BookingCancelledSchema)
BOOKING_EXPIRED = EventType(SERVICE, "booking_expired", 1, BookingSchema)
AVAILABILITY_CHANGED = EventType(SERVICE, "availability_changed", 1, AvailabilityChangedSchema)
"""Empty `local_days`: any day."""
EVENTS = (BOOKING_HELD, BOOKING_CONFIRMED, BOOKING_CANCELLED, BOOKING_EXPIRED, AVAILABILITY_CHANGED)
ERRORS = (*CREATE_ERRORS, hold_expired, booking_state_conflict, quote_changed)
