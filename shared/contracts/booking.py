"""The public face of booking: free times, holds, bookings; events of a booking's life."""

from shared.contracts.booking_forms import (
    BookingCancelledSchema,
    BookingHistorySchema,
    BookingIdRequestSchema,
    BookingSchema,
    BookingsSchema,
    CancelBookingRequestSchema,
    CancelForProviderRequestSchema,
    CreateBookingRequestSchema,
    ListBookingsRequestSchema,
    ListProviderBookingsRequestSchema,
    PreparedPaymentSchema,
    RefundQuoteSchema,
    VisitCommandSchema,
)
from shared.contracts.booking_supply import ADD_TIME_OFF as ADD_TIME_OFF
from shared.contracts.booking_supply import CHANGE_HOURS as CHANGE_HOURS
from shared.contracts.booking_supply import CHANGE_RULES as CHANGE_RULES
from shared.contracts.booking_supply import CHANGE_SERVICE_RULES as CHANGE_SERVICE_RULES
from shared.contracts.booking_supply import GET_SUPPLY as GET_SUPPLY
from shared.contracts.booking_supply import LIST_SUPPLY_CHANGES as LIST_SUPPLY_CHANGES
from shared.contracts.booking_supply import PUT_RESOURCE as PUT_RESOURCE
from shared.contracts.booking_supply import PUT_STAFF as PUT_STAFF
from shared.contracts.booking_supply import REMOVE_TIME_OFF as REMOVE_TIME_OFF
from shared.contracts.booking_supply import SERVICE as SERVICE
from shared.contracts.booking_supply import SUPPLY_ERRORS, SUPPLY_METHODS
from shared.contracts.booking_times_forms import (
    AvailabilityChangedSchema,
    AvailabilityRequestSchema,
    AvailabilitySchema,
    ExplainRequestSchema,
    ExplanationSchema,
    FindFreeProvidersRequestSchema,
    FreeProvidersSchema,
)
from shared.contracts.booking_visit_forms import ListVisitsRequestSchema, VisitSchema, VisitsSchema
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.errors import Category, ErrorCode, forbidden

past_date = ErrorCode("past_date", Category.INVALID, "This time has passed.")
beyond_window = ErrorCode("beyond_window", Category.INVALID, "This date is too far ahead to book.")
closed = ErrorCode("closed", Category.INVALID, "The provider does not work at this time.")
time_does_not_exist = ErrorCode(
    "time_does_not_exist", Category.INVALID, "The clocks skip this local time on that day."
)
short_notice = ErrorCode("short_notice", Category.INVALID, "This provider wants to know earlier.")
off_grid = ErrorCode("off_grid", Category.INVALID, "No visit starts at this time.")
outside_service_hours = ErrorCode(
    "outside_service_hours", Category.INVALID, "This service is not given at this time."
)
public_holiday = ErrorCode("public_holiday", Category.INVALID, "The provider is closed on this holiday.")
time_off = ErrorCode("time_off", Category.INVALID, "Nobody who does this works at this time.")
not_enough_staff = ErrorCode("not_enough_staff", Category.INVALID, "Too few people do this service.")
place_not_offered = ErrorCode("place_not_offered", Category.INVALID, "The service is not given there.")
range_too_long = ErrorCode("range_too_long", Category.INVALID, "These are too many days at once.")
day_cap_reached = ErrorCode("day_cap_reached", Category.CONFLICT, "There are no more visits on this day.")
week_cap_reached = ErrorCode("week_cap_reached", Category.CONFLICT, "There are no more visits in this week.")
session_full = ErrorCode("session_full", Category.CONFLICT, "All places of this session are taken.")
resource_busy = ErrorCode(
    "resource_busy", Category.CONFLICT, "The room or the equipment is in use at this time."
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
too_early = ErrorCode("too_early", Category.CONFLICT, "It is too early to say that of this visit.")


CREATE_ERRORS = (
    past_date,
    beyond_window,
    closed,
    time_does_not_exist,
    short_notice,
    off_grid,
    outside_service_hours,
    public_holiday,
    time_off,
    not_enough_staff,
    place_not_offered,
    day_cap_reached,
    week_cap_reached,
    session_full,
    resource_busy,
    slot_taken,
    too_many_holds,
)

GET_AVAILABILITY = RpcMethod(
    SERVICE,
    "get_availability",
    MethodKind.QUESTION,
    AvailabilityRequestSchema,
    AvailabilitySchema,
    (beyond_window, past_date, range_too_long),
)
EXPLAIN_AVAILABILITY = RpcMethod(
    SERVICE,
    "explain_availability",
    MethodKind.QUESTION,
    ExplainRequestSchema,
    ExplanationSchema,
    (beyond_window, past_date),
)
FIND_FREE_PROVIDERS = RpcMethod(
    SERVICE,
    "find_free_providers",
    MethodKind.QUESTION,
    FindFreeProvidersRequestSchema,
    FreeProvidersSchema,
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
"""`slot_taken`, `session_full` and `resource_busy` carry `{"alternatives": [<slot>, ...]}`: the next free
slots, at most five; `reason` in the details of all of them is the rule."""
GET_BOOKING = RpcMethod(SERVICE, "get_booking", MethodKind.QUESTION, BookingIdRequestSchema, BookingSchema)
LIST_BOOKINGS = RpcMethod(
    SERVICE,
    "list_bookings",
    MethodKind.QUESTION,
    ListBookingsRequestSchema,
    BookingsSchema,
)
GET_VISIT = RpcMethod(SERVICE, "get_visit", MethodKind.QUESTION, BookingIdRequestSchema, VisitSchema)
GET_BOOKING_HISTORY = RpcMethod(
    SERVICE, "get_booking_history", MethodKind.QUESTION, BookingIdRequestSchema, BookingHistorySchema
)
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
LIST_PROVIDER_BOOKINGS = RpcMethod(
    SERVICE,
    "list_provider_bookings",
    MethodKind.QUESTION,
    ListProviderBookingsRequestSchema,
    BookingsSchema,
)
START_BOOKING = RpcMethod(
    SERVICE,
    "start_booking",
    MethodKind.COMMAND,
    VisitCommandSchema,
    BookingSchema,
    (forbidden, booking_state_conflict, too_early),
)
COMPLETE_BOOKING = RpcMethod(
    SERVICE,
    "complete_booking",
    MethodKind.COMMAND,
    VisitCommandSchema,
    BookingSchema,
    (forbidden, booking_state_conflict, too_early),
)
CANCEL_FOR_PROVIDER = RpcMethod(
    SERVICE,
    "cancel_for_provider",
    MethodKind.COMMAND,
    CancelForProviderRequestSchema,
    BookingSchema,
    (forbidden, booking_state_conflict),
)
"""Its owner alone cancels for a provider; one of the staff starts and completes what they do themselves."""
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
    EXPLAIN_AVAILABILITY,
    FIND_FREE_PROVIDERS,
    CREATE_BOOKING,
    GET_BOOKING,
    LIST_BOOKINGS,
    GET_BOOKING_HISTORY,
    GET_VISIT,
    LIST_VISITS,
    GET_REFUND_QUOTE,
    CANCEL_BOOKING,
    LIST_PROVIDER_BOOKINGS,
    START_BOOKING,
    COMPLETE_BOOKING,
    CANCEL_FOR_PROVIDER,
    PREPARE_PAYMENT,
    *SUPPLY_METHODS,
)


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
    AVAILABILITY_CHANGED,
)
ERRORS = (
    *CREATE_ERRORS,
    range_too_long,
    hold_expired,
    booking_state_conflict,
    too_early,
    quote_changed,
    *SUPPLY_ERRORS,
)
