"""The public face of booking: visits that their customers missed, and what they may say about it."""

from marshmallow import Schema, fields, validate

from shared.contracts.booking_errors import booking_state_conflict, too_early
from shared.contracts.booking_forms import (
    BookingCancelledSchema,
    BookingSchema,
    VisitCommandSchema,
)
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.fields import Id, Instant, PageRequestSchema, idempotency_key
from shared.errors import Category, ErrorCode, forbidden

MOST_OF_A_REASON = 500

not_contestable = ErrorCode(
    "not_contestable", Category.CONFLICT, "This can't be contested, or was decided already."
)


class ContestNoShowRequestSchema(Schema):
    """`reason`: what the customer says; the provider and who decides may read it."""

    booking_id = Id(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_REASON))
    idempotency_key = idempotency_key()


class DecideNoShowRequestSchema(Schema):
    """`outcome`: `stands`, or `overturned`: everything goes back. `reason`: both sides may read it."""

    booking_id = Id(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(("stands", "overturned")))
    reason = fields.String(required=True, validate=validate.Length(1, MOST_OF_A_REASON))
    idempotency_key = idempotency_key()


class ListOpenContestsRequestSchema(PageRequestSchema):
    """That whose visit was said to be missed the longest ago comes first."""


class OpenContestSchema(Schema):
    """`reason`: what the customer said at `contested_at`."""

    booking = fields.Nested(BookingSchema, required=True)
    contested_at = Instant(required=True)
    reason = fields.String(required=True)


class OpenContestsSchema(Schema):
    contests = fields.List(fields.Nested(OpenContestSchema), required=True)
    next = fields.String(required=True, allow_none=True)


RECORD_NO_SHOW = RpcMethod(
    SERVICE,
    "record_no_show",
    MethodKind.COMMAND,
    VisitCommandSchema,
    BookingSchema,
    (forbidden, booking_state_conflict, too_early),
)
"""`too_early` carries `{"earliest": <instant>}`. For its owner, or who of the staff does it."""
CONTEST_NO_SHOW = RpcMethod(
    SERVICE,
    "contest_no_show",
    MethodKind.COMMAND,
    ContestNoShowRequestSchema,
    BookingSchema,
    (booking_state_conflict, not_contestable),
)
DECIDE_NO_SHOW = RpcMethod(
    SERVICE,
    "decide_no_show",
    MethodKind.COMMAND,
    DecideNoShowRequestSchema,
    BookingSchema,
    (booking_state_conflict, not_contestable),
)
"""For administrators."""
LIST_OPEN_CONTESTS = RpcMethod(
    SERVICE,
    "list_open_contests",
    MethodKind.QUESTION,
    ListOpenContestsRequestSchema,
    OpenContestsSchema,
)
"""For administrators: what waits for their decision, and the provider's money with it."""
NO_SHOW_METHODS = (RECORD_NO_SHOW, CONTEST_NO_SHOW, DECIDE_NO_SHOW, LIST_OPEN_CONTESTS)

BOOKING_NO_SHOW = EventType(SERVICE, "booking_no_show", 1, BookingCancelledSchema)
"""The customer missed the visit: says what is due all the same; `contest_until` may come before any of it
is the provider's."""
BOOKING_CONTESTED = EventType(SERVICE, "booking_contested", 1, BookingSchema)
BOOKING_NO_SHOW_STANDS = EventType(SERVICE, "booking_no_show_stands", 1, BookingSchema)
"""An overturned one is told as `booking_cancelled`."""
NO_SHOW_EVENTS = (BOOKING_NO_SHOW, BOOKING_CONTESTED, BOOKING_NO_SHOW_STANDS)
