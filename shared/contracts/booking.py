"""The public face of booking: free times, holds, bookings; its events are in `booking_events`."""

from shared.contracts.booking_answers import ACCEPT_BOOKING as ACCEPT_BOOKING
from shared.contracts.booking_answers import ANSWER_ERRORS, ANSWER_METHODS
from shared.contracts.booking_answers import DECLINE_BOOKING as DECLINE_BOOKING
from shared.contracts.booking_answers import answer_too_late as answer_too_late
from shared.contracts.booking_care import (
    CARE_ERRORS,
    CARE_METHODS,
    BookingDetailSchema,
)
from shared.contracts.booking_care import CHANGE_NOTES as CHANGE_NOTES
from shared.contracts.booking_errors import CREATE_ERRORS as CREATE_ERRORS
from shared.contracts.booking_errors import address_needed as address_needed
from shared.contracts.booking_errors import beyond_window as beyond_window
from shared.contracts.booking_errors import booking_state_conflict as booking_state_conflict
from shared.contracts.booking_errors import closed as closed
from shared.contracts.booking_errors import customer_in_two_places as customer_in_two_places
from shared.contracts.booking_errors import day_cap_reached as day_cap_reached
from shared.contracts.booking_errors import hold_expired as hold_expired
from shared.contracts.booking_errors import not_enough_staff as not_enough_staff
from shared.contracts.booking_errors import off_grid as off_grid
from shared.contracts.booking_errors import outside_service_hours as outside_service_hours
from shared.contracts.booking_errors import past_date as past_date
from shared.contracts.booking_errors import place_not_offered as place_not_offered
from shared.contracts.booking_errors import public_holiday as public_holiday
from shared.contracts.booking_errors import quote_changed as quote_changed
from shared.contracts.booking_errors import range_too_long as range_too_long
from shared.contracts.booking_errors import resource_busy as resource_busy
from shared.contracts.booking_errors import session_full as session_full
from shared.contracts.booking_errors import short_notice as short_notice
from shared.contracts.booking_errors import slot_taken as slot_taken
from shared.contracts.booking_errors import time_does_not_exist as time_does_not_exist
from shared.contracts.booking_errors import time_off as time_off
from shared.contracts.booking_errors import too_early as too_early
from shared.contracts.booking_errors import too_far as too_far
from shared.contracts.booking_errors import too_many_holds as too_many_holds
from shared.contracts.booking_errors import week_cap_reached as week_cap_reached
from shared.contracts.booking_events import EVENTS as EVENTS
from shared.contracts.booking_forms import (
    BookingIdRequestSchema,
    BookingSchema,
    BookingsSchema,
    CancelBookingRequestSchema,
    HoldRequestSchema,
    ListBookingsRequestSchema,
    RefundQuoteSchema,
)
from shared.contracts.booking_history_forms import BookingHistorySchema
from shared.contracts.booking_list_forms import ListProviderBookingsRequestSchema
from shared.contracts.booking_moves import GET_RESCHEDULE_QUOTE as GET_RESCHEDULE_QUOTE
from shared.contracts.booking_moves import MOVE_METHODS, MOVE_ONLY_ERRORS
from shared.contracts.booking_moves import RESCHEDULE_BOOKING as RESCHEDULE_BOOKING
from shared.contracts.booking_moves import costs_more as costs_more
from shared.contracts.booking_moves import not_movable as not_movable
from shared.contracts.booking_moves import too_many_moves as too_many_moves
from shared.contracts.booking_no_show import CONTEST_NO_SHOW as CONTEST_NO_SHOW
from shared.contracts.booking_no_show import DECIDE_NO_SHOW as DECIDE_NO_SHOW
from shared.contracts.booking_no_show import NO_SHOW_METHODS
from shared.contracts.booking_no_show import RECORD_NO_SHOW as RECORD_NO_SHOW
from shared.contracts.booking_no_show import not_contestable as not_contestable
from shared.contracts.booking_payment_forms import PreparedPaymentSchema
from shared.contracts.booking_series import SERIES_ERRORS, SERIES_METHODS
from shared.contracts.booking_series_moves import SERIES_MOVE_ERRORS, SERIES_MOVE_METHODS
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
from shared.contracts.booking_terms import TERMS_METHODS
from shared.contracts.booking_times_forms import (
    AvailabilityRequestSchema,
    AvailabilitySchema,
    ExplainRequestSchema,
    ExplanationSchema,
    FindFreeProvidersRequestSchema,
    FreeProvidersSchema,
)
from shared.contracts.booking_visit_commands import CANCEL_FOR_PROVIDER as CANCEL_FOR_PROVIDER
from shared.contracts.booking_visit_commands import COMPLETE_BOOKING as COMPLETE_BOOKING
from shared.contracts.booking_visit_commands import START_BOOKING as START_BOOKING
from shared.contracts.booking_visit_forms import ListVisitsRequestSchema, VisitSchema, VisitsSchema
from shared.contracts.booking_waitlist import WAITLIST_ERRORS, WAITLIST_METHODS
from shared.contracts.declaration import MethodKind, RpcMethod

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
    HoldRequestSchema,
    BookingSchema,
    (*CREATE_ERRORS, booking_state_conflict, too_many_moves),
)
"""`slot_taken`, `session_full` and `resource_busy` carry `{"alternatives": [<slot>, ...]}`: the next free
slots, at most five; `reason` in the details of all of them is the rule. `customer_in_two_places` carries
`{"booking_id": <id>}`: the caller's own visit that overlaps, of the same recipient; with `allow_overlap` it
is booked all the same."""
GET_BOOKING = RpcMethod(
    SERVICE, "get_booking", MethodKind.QUESTION, BookingIdRequestSchema, BookingDetailSchema
)
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
    *TERMS_METHODS,
    *ANSWER_METHODS,
    *MOVE_METHODS,
    *SERIES_METHODS,
    *SERIES_MOVE_METHODS,
    *WAITLIST_METHODS,
    *NO_SHOW_METHODS,
    *CARE_METHODS,
    *SUPPLY_METHODS,
)
ERRORS = (
    *CREATE_ERRORS,
    range_too_long,
    hold_expired,
    booking_state_conflict,
    too_early,
    not_contestable,
    quote_changed,
    *ANSWER_ERRORS,
    *MOVE_ONLY_ERRORS,
    *SERIES_ERRORS,
    *SERIES_MOVE_ERRORS,
    *WAITLIST_ERRORS,
    *CARE_ERRORS,
    *SUPPLY_ERRORS,
)
