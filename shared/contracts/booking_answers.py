"""The part of booking's public face that is for visits whose provider is asked first (promise C9)."""

from marshmallow import fields, validate

from shared.contracts.booking_errors import booking_state_conflict
from shared.contracts.booking_forms import BookingSchema, VisitCommandSchema
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.errors import Category, ErrorCode, forbidden

answer_too_late = ErrorCode(
    "answer_too_late", Category.CONFLICT, "The time to answer is over. The customer gets everything back."
)


class DeclineBookingRequestSchema(VisitCommandSchema):
    """`reason` is for the history, and the customer may read it."""

    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


ACCEPT_BOOKING = RpcMethod(
    SERVICE,
    "accept_booking",
    MethodKind.COMMAND,
    VisitCommandSchema,
    BookingSchema,
    (forbidden, booking_state_conflict, answer_too_late),
)
DECLINE_BOOKING = RpcMethod(
    SERVICE,
    "decline_booking",
    MethodKind.COMMAND,
    DeclineBookingRequestSchema,
    BookingSchema,
    (forbidden, booking_state_conflict, answer_too_late),
)
"""The provider's owner answers, and whoever of the staff does the visit."""
ANSWER_METHODS = (ACCEPT_BOOKING, DECLINE_BOOKING)

BOOKING_ANSWER_DUE = EventType(SERVICE, "booking_answer_due", 1, BookingSchema)
"""Paid: the slot is kept for the provider's answer until `hold_expires_at`."""
ANSWER_EVENTS = (BOOKING_ANSWER_DUE,)
ANSWER_ERRORS = (answer_too_late,)
