"""What requests, answers and events of payment look like."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.fields import (
    Id,
    Instant,
    PageRequestSchema,
    idempotency_key,
    money,
    required_money,
)


class RefundStatus(StrEnum):
    """How far a refund is. `pending`: accepted, and the money is on its way."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class PaymentStatus(StrEnum):
    """What a client sees. `succeeded`: the money is secured."""

    SUCCEEDED = "succeeded"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    FAILED = "failed"
    CANCELLED = "cancelled"


CANCELLED_VISIT, MISSED_VISIT = "cancelled", "no_show"
"""`cause` of a `payment_captured` that took what a late cancellation, or a missed visit, leaves."""


def payment_kind() -> fields.String:
    """`booking`, with the tip that is given then, or `tip`, after the visit alone."""
    return fields.String(load_default="booking", validate=validate.OneOf(("booking", "tip")))


STRIPE, TAP = PAYMENT_PROVIDERS = ("stripe", "tap")
CARD = "card"
METHODS = (CARD, "mada")
"""What can be chosen at all; what is set up is said by `list_payment_methods`."""


def check_payment_method(request: Mapping[str, Any]) -> None:
    """Raises ValidationError unless the request names a card, or another method without one."""
    is_card = request["method"] == CARD
    if is_card and request["payment_method_id"] is None:
        raise ValidationError("Missing data for required field.", "payment_method_id")
    if not is_card and request["payment_method_id"] is not None:
        raise ValidationError("Only a card has one.", "payment_method_id")


class ProcessPaymentRequestSchema(Schema):
    """`tip` is a decimal in major units as text (`"5.00"`), since its currency is the quote's. `method` is
    one of `list_payment_methods`; a card is named by its `payment_method_id`, the others have none."""

    booking_id = Id(required=True)
    payment_method_id = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^pm_[A-Za-z0-9_]{1,100}\Z")
    )
    method = fields.String(load_default=CARD, validate=validate.OneOf(METHODS))
    tip = fields.Decimal(load_default=None, allow_none=True, as_string=True, allow_nan=False)
    idempotency_key = idempotency_key()

    @validates_schema
    def _names_a_card(self, request: dict[str, Any], **_options: Any) -> None:
        check_payment_method(request)


class TipBookingRequestSchema(ProcessPaymentRequestSchema):
    """A tip after the visit; `tip` as there, and there has to be one."""

    tip = fields.Decimal(required=True, as_string=True, allow_nan=False)


class NextActionSchema(Schema):
    """What the customer must do, as Stripe says it: follow `url`, or hand it to Stripe's library."""

    type = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)


class CustomersRefundSchema(Schema):
    """Money that goes back, as the customer sees it. `pending` from the moment that it is owed."""

    refund_id = Id(required=True)
    amount = required_money()
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in RefundStatus]))
    credit_note_number = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)


class PaymentSchema(Schema):
    """A payment as its customer may see it. `client_secret` goes to that customer alone, is never
    stored or logged, and is null unless an action is needed. `refunded_amount` is what was given back
    so far. `refunds` and `invoice_number` are told of one payment alone; a payment has a number from the
    moment that its money was taken. `simulated`: no money moves.

    `captured` tells money that was taken from a hold on the card, which is taken after the visit, in whole
    or in part; `released_amount` is what was held and never taken, `held_until` when a hold ends by itself.
    """

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    kind = payment_kind()
    payment_intent_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in PaymentStatus]))
    amount = required_money()
    service_amount = required_money()
    tip_amount = required_money()
    platform_commission = required_money()
    provider_amount = required_money()
    captured = fields.Boolean(load_default=None, allow_none=True)
    captured_amount = money(load_default=None, allow_none=True)
    released_amount = money(load_default=None, allow_none=True)
    held_until = Instant(load_default=None, allow_none=True)
    refunded_amount = money(load_default=None, allow_none=True)
    refunded_service_amount = money(load_default=None, allow_none=True)
    refunded_tip_amount = money(load_default=None, allow_none=True)
    invoice_number = fields.String(load_default=None, allow_none=True)
    refunds = fields.List(fields.Nested(CustomersRefundSchema), load_default=None, allow_none=True)
    receipt_url = fields.String(required=True, allow_none=True)
    client_secret = fields.String(load_default=None, allow_none=True)
    next_action = fields.Nested(NextActionSchema, load_default=None, allow_none=True)
    simulated = fields.Boolean(required=True)
    created_at = Instant(required=True)


class ConfirmPaymentRequestSchema(Schema):
    """Look again: retrieve the intent and converge."""

    payment_intent_id = fields.String(
        required=True, validate=validate.Regexp(r"^(pi|chg)_[A-Za-z0-9_.]{1,200}\Z")
    )


class GetPaymentRequestSchema(Schema):
    payment_id = Id(required=True)


class ListPaymentsRequestSchema(PageRequestSchema):
    """The caller's own payments, newest first."""


class PaymentsSchema(Schema):
    payments = fields.List(fields.Nested(PaymentSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class WebhookRequestSchema(Schema):
    """The body byte for byte as base64, and beside it the header that proves it: Stripe-Signature, or Tap's
    hashstring. `of_accounts`: it came to Stripe's endpoint for providers' accounts."""

    body_base64 = fields.String(required=True)
    signature = fields.String(required=True)
    of_accounts = fields.Boolean(load_default=False)
    payment_provider = fields.String(load_default=STRIPE, validate=validate.OneOf(PAYMENT_PROVIDERS))


class WebhookAnswerSchema(Schema):
    """Stored. `duplicate`: it had been stored before."""

    duplicate = fields.Boolean(required=True)


class EmptySchema(Schema):
    """No members."""


class PaymentModeSchema(Schema):
    """How payments are set up: `live`, `sandbox`, `stand-in` (no money moves) or `off`."""

    mode = fields.String(required=True)
    banner = fields.String(required=True, allow_none=True)


class PaymentEventSchema(Schema):
    """A payment's public state. `captured` tells secured money that was taken from a hold on the card."""

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    kind = payment_kind()
    customer_id = Id(required=True)
    provider_id = Id(required=True)
    status = fields.String(required=True)
    amount = required_money()
    service_amount = required_money()
    tip_amount = required_money()
    platform_commission = required_money()
    provider_amount = required_money()
    captured = fields.Boolean(required=True)
    failure_code = fields.String(required=True, allow_none=True)
    simulated = fields.Boolean(required=True)


class PaymentCapturedSchema(PaymentEventSchema):
    """What was held is taken: all of it, or what a late cancellation or a missed visit leaves; the rest is
    released.

    `cause`: the visit took place, was cancelled or missed, or the hold would have lapsed.
    """

    captured_amount = required_money()
    captured_service_amount = required_money()
    captured_tip_amount = required_money()
    captured_commission = required_money()
    cause = fields.String(required=True, allow_none=True)


class RefundedSoFarSchema(Schema):
    """What was given back of a payment, all its refunds together; failed ones do not count. `for_moves` is
    the part of `service` that went back because a moved visit costs less; null from who does not tell it."""

    service = required_money()
    tip = required_money()
    for_moves = money(load_default=None, allow_none=True)


class PaymentRefundedSchema(PaymentEventSchema):
    """A refund was accepted or has settled. `cause` is the cancellation's."""

    refund_id = Id(required=True)
    service_refund = required_money()
    tip_refund = required_money()
    commission_returned = required_money()
    refunded_so_far = fields.Nested(RefundedSoFarSchema, required=True)
    refund_status = fields.String(required=True, validate=validate.OneOf([s.value for s in RefundStatus]))
    cause = fields.String(required=True, allow_none=True)
