"""The part of booking's public face that is about waiting for a time to get free."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.booking_care_forms import AddressSchema, RecipientSchema
from shared.contracts.booking_errors import address_needed, place_not_offered
from shared.contracts.booking_forms import BookingSchema, Place
from shared.contracts.booking_supply import SERVICE
from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.fields import Id, Instant, PageRequestSchema, idempotency_key, local_date, local_time
from shared.errors import Category, ErrorCode

day_not_bookable = ErrorCode(
    "day_not_bookable", Category.INVALID, "This day is over, or too far ahead to be booked."
)
already_booked = ErrorCode(
    "already_booked", Category.CONFLICT, "You have paid for a visit of this service that day."
)
already_waiting = ErrorCode(
    "already_waiting", Category.CONFLICT, "You wait for this service that day already."
)
too_many_waiting = ErrorCode(
    "too_many_waiting", Category.CONFLICT, "Leave a waiting list before you join another."
)
not_waiting = ErrorCode("not_waiting", Category.CONFLICT, "You do not wait there any more.")
no_offer = ErrorCode("no_offer", Category.CONFLICT, "Nothing is offered to you there at this moment.")


class WaitState(StrEnum):
    """How it stands with somebody in a line; an offer that was not taken ends their waiting."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"
    MISSED = "missed"
    LEFT = "left"
    OVER = "over"


class JoinWaitlistRequestSchema(Schema):
    """A local day, and of the starts listed with it those from `from_time` to `to_time`, both included. Hours
    past midnight are listed with the day on which they open: without `to_time` those from `from_time` on are
    meant with them, and `to_time` before `from_time` is one after midnight, where the provider's hours pass
    it. What else a booking asks for is asked for with the offer: it is forgotten when the waiting ends. With
    `allow_overlap` a time is offered also when they have another visit then."""

    to_time = local_time(load_default=None, allow_none=True)
    from_time = local_time(load_default=None, allow_none=True)
    provider_id = Id(required=True)
    service_id = Id(required=True)
    date = local_date(required=True)
    staff_id = Id(load_default=None, allow_none=True)
    place = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf([place.value for place in Place])
    )
    notes = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))
    recipient = fields.Nested(RecipientSchema, load_default=None, allow_none=True)
    address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    allow_overlap = fields.Boolean(load_default=None, allow_none=True)
    idempotency_key = idempotency_key()


class WaitlistEntrySchema(Schema):
    """`booking` is what was offered: held until `hold_expires_at`, taken by paying it."""

    to_time = local_time(required=True, allow_none=True)
    from_time = local_time(required=True, allow_none=True)
    waitlist_id = Id(required=True)
    provider_id = Id(required=True)
    service_id = Id(required=True)
    staff_id = Id(required=True, allow_none=True)
    date = local_date(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in WaitState]))
    booking = fields.Nested(BookingSchema, required=True, allow_none=True)
    created_at = Instant(required=True)


class WaitlistCommandSchema(Schema):
    """About one of the caller's own entries."""

    waitlist_id = Id(required=True)
    idempotency_key = idempotency_key()


class ListWaitlistRequestSchema(PageRequestSchema):
    """The caller's own entries, newest first."""


class WaitlistSchema(Schema):
    entries = fields.List(fields.Nested(WaitlistEntrySchema), required=True)
    next = fields.String(required=True, allow_none=True)


JOIN_ERRORS = (already_booked, already_waiting, too_many_waiting, day_not_bookable)
JOIN_WAITLIST = RpcMethod(
    SERVICE,
    "join_waitlist",
    MethodKind.COMMAND,
    JoinWaitlistRequestSchema,
    WaitlistEntrySchema,
    (*JOIN_ERRORS, place_not_offered, address_needed),
)
LIST_WAITLIST = RpcMethod(
    SERVICE, "list_waitlist", MethodKind.QUESTION, ListWaitlistRequestSchema, WaitlistSchema
)
LEAVE_WAITLIST = RpcMethod(
    SERVICE,
    "leave_waitlist",
    MethodKind.COMMAND,
    WaitlistCommandSchema,
    WaitlistEntrySchema,
    (not_waiting,),
)
DECLINE_OFFER = RpcMethod(
    SERVICE,
    "decline_offer",
    MethodKind.COMMAND,
    WaitlistCommandSchema,
    WaitlistEntrySchema,
    (no_offer,),
)
"""What was offered is free for the next in line."""

WAITLIST_METHODS = (JOIN_WAITLIST, LIST_WAITLIST, LEAVE_WAITLIST, DECLINE_OFFER)
WAITLIST_ERRORS = (*JOIN_ERRORS, not_waiting, no_offer)
