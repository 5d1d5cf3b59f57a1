"""The part of booking's public face that is for moving an agreed visit to another time (rules C8 and B2)."""

from marshmallow import Schema, fields, validate

from shared.contracts.booking_errors import TIME_ERRORS, booking_state_conflict, quote_changed
from shared.contracts.booking_forms import BookingSchema
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.fields import (
    Id,
    Instant,
    idempotency_key,
    local_date,
    local_time,
    money,
    required_money,
    utc_offset,
)
from shared.errors import Category, ErrorCode

too_many_moves = ErrorCode(
    "too_many_moves", Category.CONFLICT, "This visit was moved as often as it may be. Cancel it instead."
)
not_movable = ErrorCode(
    "not_movable", Category.CONFLICT, "The service has changed since. Cancel this visit and book another."
)

costs_more = ErrorCode(
    "costs_more",
    Category.CONFLICT,
    "The visit costs more at that time. Book that time in place of this visit.",
)


class NewTimeSchema(Schema):
    """Another start of a booking in its provider's local time, by anyone or by one member of staff; with
    `allow_overlap` also when its customer has another visit then."""

    booking_id = Id(required=True)
    booking_date = local_date(required=True)
    start_time = local_time(required=True)
    staff_id = Id(load_default=None, allow_none=True)
    utc_offset = utc_offset()
    allow_overlap = fields.Boolean(load_default=None, allow_none=True)


class RescheduleBookingRequestSchema(NewTimeSchema):
    """With the id of a quote exactly what it shows is done. `reason` is for the history."""

    quote_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))
    idempotency_key = idempotency_key()


class RescheduleQuoteSchema(Schema):
    """What moving it means. `price` is what the visit costs then: today's price. Where it is lower than the
    agreed one, `service_refund` is the difference, which is due back. Where it is higher, `price_difference`
    is: such a time is booked in place of the visit (`replaces_booking_id`). `refund_percent` of the service
    would be given back when it is cancelled right after: by the least notice that there was at any move.
    `moves_left` after this one."""

    quote_id = fields.String(required=True)
    booking_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    local_date = local_date(required=True)
    local_time = local_time(required=True)
    utc_offset = fields.String(required=True)
    price = required_money()
    service_refund = required_money()
    price_difference = money(allow_none=True)
    refund_percent = fields.Integer(required=True)
    moves_left = fields.Integer(required=True)


class BookingRescheduledSchema(BookingSchema):
    """The booking at its new time. `service_refund` is due back by this move alone. `done_by`: the visit
    counts as done then at the latest, unless something else is said of it."""

    previous_starts_at = Instant(required=True)
    previous_ends_at = Instant(required=True)
    service_refund = required_money()
    done_by = Instant(required=True)


MOVE_ONLY_ERRORS = (too_many_moves, not_movable, costs_more)
MOVE_ERRORS = (*TIME_ERRORS, booking_state_conflict, too_many_moves, not_movable)
GET_RESCHEDULE_QUOTE = RpcMethod(
    SERVICE, "get_reschedule_quote", MethodKind.QUESTION, NewTimeSchema, RescheduleQuoteSchema, MOVE_ERRORS
)
RESCHEDULE_BOOKING = RpcMethod(
    SERVICE,
    "reschedule_booking",
    MethodKind.COMMAND,
    RescheduleBookingRequestSchema,
    BookingSchema,
    (*MOVE_ERRORS, costs_more, quote_changed),
)
"""`costs_more` carries `{"price_difference": <money>}`, `quote_changed` `{"quote": <reschedule quote>}`;
`slot_taken` and its kin `alternatives` as `create_booking` has them."""
MOVE_METHODS = (GET_RESCHEDULE_QUOTE, RESCHEDULE_BOOKING)

BOOKING_RESCHEDULED = EventType(SERVICE, "booking_rescheduled", 1, BookingRescheduledSchema)
MOVE_EVENTS = (BOOKING_RESCHEDULED,)
