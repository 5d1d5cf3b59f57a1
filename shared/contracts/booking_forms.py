"""What requests, answers and events of booking look like."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.booking_care_forms import AddressSchema, RecipientSchema
from shared.contracts.fields import (
    Id,
    Instant,
    PageRequestSchema,
    TextsSchema,
    idempotency_key,
    local_date,
    local_time,
    required_money,
    utc_offset,
)


class BookingState(StrEnum):
    """States that a booking can be in. `cancelled` is spelled with two l."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXPIRED = "expired"


class PendingFor(StrEnum):
    """What a pending booking waits for."""

    PAYMENT = "payment"
    PROVIDER = "provider"


class CancelCause(StrEnum):
    """Why a booking ended before its visit."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    PLATFORM = "platform"
    LATE_PAYMENT = "late_payment"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    NO_SHOW_OVERTURNED = "no_show_overturned"
    REPLACED = "replaced"
    NOT_REPLACED = "not_replaced"
    """Paid when the visit that it was to replace was cancelled, moved or begun."""


class Place(StrEnum):
    """Where a visit takes place."""

    PROVIDER = "provider"
    CUSTOMER = "customer"
    ONLINE = "online"


class CreateBookingRequestSchema(Schema):
    """A local start, `utc_offset` of a repeated hour; who receives the care if another; a home's address.

    `allow_overlap`: also when they have another visit then.
    """

    provider_id = Id(required=True)
    service_id = Id(required=True)
    booking_date = local_date(required=True)
    start_time = local_time(required=True)
    staff_id = Id(load_default=None, allow_none=True)
    utc_offset = utc_offset()
    notes = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))
    place = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf([place.value for place in Place])
    )
    recipient = fields.Nested(RecipientSchema, load_default=None, allow_none=True)
    address = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    allow_overlap = fields.Boolean(load_default=None, allow_none=True)
    idempotency_key = idempotency_key()


class HoldRequestSchema(CreateBookingRequestSchema):
    """`replaces_booking_id`: an agreed visit of the caller's, given up for this one once this is paid."""

    replaces_booking_id = Id(load_default=None, allow_none=True)


class QuoteLineSchema(Schema):
    """One line of a quote; lines add up to the total."""

    kind = fields.String(required=True)
    name = fields.Nested(TextsSchema, required=True)
    amount = required_money()


class RefundTierSchema(Schema):
    """With at least this notice before the start, this percentage of the service is refunded."""

    notice_hours = fields.Integer(required=True)
    percent = fields.Integer(required=True)


class QuoteSchema(Schema):
    """What the visit costs, frozen at the hold. `total` has no tip; the refund tiers are in order
    of falling notice, `no_show_percent` of the service is refunded when the customer misses the visit.
    Nobody recomputes it."""

    lines = fields.List(fields.Nested(QuoteLineSchema), required=True)
    total = required_money()
    quoted_at = Instant(required=True)
    refund_policy_id = Id(required=True)
    refund_tiers = fields.List(fields.Nested(RefundTierSchema), required=True)
    no_show_percent = fields.Integer(load_default=0)


class RefundSchema(Schema):
    """What a cancelled booking gives back of what was paid for it."""

    refund_percent = fields.Integer(required=True)
    tip_percent = fields.Integer(required=True)
    service_refund = required_money()
    tip_refund = required_money()


class BookingSchema(Schema):
    """A booking as its customer and its provider may see it.

    `hold_expires_at` is null unless pending, `refund` unless cancelled or missed. `version` rises with every
    change. `pending_for`: what a pending booking waits for by `hold_expires_at`, its payment (`payment`) or,
    once it is paid, its provider's answer (`provider`); null unless pending. `answer_hours`: the provider is
    asked first and has so long to answer; null: paid is agreed. `series_id`: of which series it is a visit;
    `waitlist_id`: to whose waiting it was an offer. `moves`: how often it was moved to another time;
    `replaces_booking_id`: which visit is given up for it once it is paid. `contest_until` is null unless its
    provider said that its customer missed it, `contest` unless they contest that: `open`, or how it was
    decided.
    """

    booking_id = Id(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf([s.value for s in BookingState]))
    customer_id = Id(required=True)
    provider_id = Id(required=True)
    service_id = Id(required=True)
    staff_id = Id(required=True)
    service_name = fields.Nested(TextsSchema, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True)
    local_date = local_date(required=True)
    local_time = local_time(required=True)
    utc_offset = fields.String(required=True)
    quote = fields.Nested(QuoteSchema, required=True)
    hold_expires_at = Instant(required=True, allow_none=True)
    pending_for = fields.String(allow_none=True)
    answer_hours = fields.Integer(allow_none=True)
    notes = fields.String(required=True, allow_none=True)
    series_id = Id(allow_none=True)
    waitlist_id = Id(allow_none=True)
    moves = fields.Integer(allow_none=True)
    replaces_booking_id = Id(allow_none=True)
    place = fields.String(validate=validate.OneOf([place.value for place in Place]))
    cancel_cause = fields.String(required=True, allow_none=True)
    refund = fields.Nested(RefundSchema, load_default=None, allow_none=True)
    contest_until = Instant(load_default=None, allow_none=True)
    contest = fields.String(load_default=None, allow_none=True)
    created_at = Instant(required=True)


class BookingIdRequestSchema(Schema):
    booking_id = Id(required=True)


class ListBookingsRequestSchema(PageRequestSchema):
    """The caller's own bookings, newest first."""


class BookingsSchema(Schema):
    bookings = fields.List(fields.Nested(BookingSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class RefundQuoteSchema(RefundSchema):
    """What cancelling would give back until `valid_until`, that instant included.

    Percentages of what was paid; the amounts count, and what was given back already is not in them.
    `notice_hours` is the notice that this percentage asks for.
    """

    quote_id = fields.String(required=True)
    booking_id = Id(required=True)
    valid_until = Instant(required=True)
    notice_hours = fields.Integer(required=True)


class CancelBookingRequestSchema(Schema):
    """With `refund_quote_id` exactly the quoted amounts are given back, or nothing is done."""

    booking_id = Id(required=True)
    refund_quote_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))
    idempotency_key = idempotency_key()


class VisitCommandSchema(Schema):
    """What a provider says of one of its visits."""

    booking_id = Id(required=True)
    idempotency_key = idempotency_key()


class CancelForProviderRequestSchema(VisitCommandSchema):
    """`reason` is for the history, and the customer may read it."""

    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=500))


class BookingCancelledSchema(BookingSchema):
    """`refund_percent` and `tip_percent` say what is due; unpaid bookings carry 100.

    The amounts are what is still to be given back.
    """

    refund_percent = fields.Integer(required=True)
    tip_percent = fields.Integer(required=True)
    service_refund = required_money()
    tip_refund = required_money()
