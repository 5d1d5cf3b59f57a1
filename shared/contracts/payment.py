"""The public face of payment: paying a booking; events of a payment's life."""

from enum import StrEnum

from marshmallow import Schema, fields, validate

from shared.contracts.booking import booking_state_conflict, hold_expired
from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.fields import (
    Id,
    Instant,
    PageRequestSchema,
    idempotency_key,
    money,
    required_money,
)
from shared.errors import Category, ErrorCode
from shared.money import amount_precision

SERVICE = "payment"


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


amount_below_minimum = ErrorCode(
    "amount_below_minimum", Category.INVALID, "The amount is below what can be charged."
)
tip_too_large = ErrorCode("tip_too_large", Category.INVALID, "This tip is larger than we take.")
currency_mismatch = ErrorCode(
    "currency_mismatch", Category.CONFLICT, "The payment's currency or amount is not the quote's."
)
card_declined = ErrorCode(
    "card_declined", Category.PAYMENT_DECLINED, "The card was declined. Try another card."
)
provider_not_payable = ErrorCode(
    "provider_not_payable", Category.CONFLICT, "This provider cannot take payments yet."
)
payment_method_invalid = ErrorCode(
    "payment_method_invalid", Category.INVALID, "This payment method cannot be used."
)
already_paid = ErrorCode("already_paid", Category.CONFLICT, "This booking is paid already.")
payment_taken_back = ErrorCode(
    "payment_taken_back", Category.CONFLICT, "This payment was taken back. Begin another with a new key."
)
signature_invalid = ErrorCode(
    "signature_invalid", Category.MALFORMED, "The webhook's signature is not valid."
)
payments_not_configured = ErrorCode(
    "payments_not_configured", Category.UNAVAILABLE, "Payments are not configured here."
)


class ProcessPaymentRequestSchema(Schema):
    """`tip` is a decimal in major units as text (`"5.00"`), since its currency is the quote's."""

    booking_id = Id(required=True)
    payment_method_id = fields.String(required=True, validate=validate.Regexp(r"^pm_[A-Za-z0-9_]{1,100}\Z"))
    tip = fields.Decimal(load_default=None, allow_none=True, as_string=True, allow_nan=False)
    idempotency_key = idempotency_key()


class NextActionSchema(Schema):
    """What the customer must do, as Stripe says it: follow `url`, or hand it to Stripe's library."""

    type = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)


class PaymentSchema(Schema):
    """A payment as its customer may see it. `client_secret` goes to that customer alone, is never
    stored or logged, and is null unless an action is needed. `refunded_amount` is what was given back
    so far. `simulated`: no money moves."""

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    payment_intent_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in PaymentStatus]))
    amount = required_money()
    service_amount = required_money()
    tip_amount = required_money()
    platform_commission = required_money()
    provider_amount = required_money()
    refunded_amount = money(load_default=None, allow_none=True)
    refunded_service_amount = money(load_default=None, allow_none=True)
    refunded_tip_amount = money(load_default=None, allow_none=True)
    receipt_url = fields.String(required=True, allow_none=True)
    client_secret = fields.String(load_default=None, allow_none=True)
    next_action = fields.Nested(NextActionSchema, load_default=None, allow_none=True)
    simulated = fields.Boolean(required=True)
    created_at = Instant(required=True)


class ConfirmPaymentRequestSchema(Schema):
    """Look again: retrieve the intent and converge."""

    payment_intent_id = fields.String(required=True, validate=validate.Regexp(r"^pi_[A-Za-z0-9_]{1,200}\Z"))


class GetPaymentRequestSchema(Schema):
    payment_id = Id(required=True)


class ListPaymentsRequestSchema(PageRequestSchema):
    """The caller's own payments, newest first."""


class PaymentsSchema(Schema):
    payments = fields.List(fields.Nested(PaymentSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class WebhookRequestSchema(Schema):
    """The body byte for byte as base64, and the Stripe-Signature header beside it."""

    body_base64 = fields.String(required=True)
    signature = fields.String(required=True)


class WebhookAnswerSchema(Schema):
    """Stored. `duplicate`: it had been stored before."""

    duplicate = fields.Boolean(required=True)


class EmptySchema(Schema):
    """No members."""


class PaymentModeSchema(Schema):
    """How payments are set up: `live`, `sandbox`, `stand-in` (no money moves) or `off`."""

    mode = fields.String(required=True)
    banner = fields.String(required=True, allow_none=True)


PROCESS_ERRORS = (
    hold_expired,
    booking_state_conflict,
    amount_precision,
    amount_below_minimum,
    tip_too_large,
    currency_mismatch,
    card_declined,
    provider_not_payable,
    payment_method_invalid,
    already_paid,
    payment_taken_back,
    payments_not_configured,
)
CONFIRM_ERRORS = (
    hold_expired,
    amount_below_minimum,
    currency_mismatch,
    card_declined,
    payment_method_invalid,
    payment_taken_back,
    payments_not_configured,
)

PROCESS_PAYMENT = RpcMethod(
    SERVICE,
    "process_payment",
    MethodKind.PAYMENT_COMMAND,
    ProcessPaymentRequestSchema,
    PaymentSchema,
    PROCESS_ERRORS,
)
CONFIRM_PAYMENT = RpcMethod(
    SERVICE,
    "confirm_payment",
    MethodKind.PAYMENT_COMMAND,
    ConfirmPaymentRequestSchema,
    PaymentSchema,
    CONFIRM_ERRORS,
)
GET_PAYMENT = RpcMethod(SERVICE, "get_payment", MethodKind.QUESTION, GetPaymentRequestSchema, PaymentSchema)
LIST_PAYMENTS = RpcMethod(
    SERVICE, "list_payments", MethodKind.QUESTION, ListPaymentsRequestSchema, PaymentsSchema
)
RECEIVE_WEBHOOK = RpcMethod(
    SERVICE,
    "receive_webhook",
    MethodKind.COMMAND,
    WebhookRequestSchema,
    WebhookAnswerSchema,
    (signature_invalid, payments_not_configured),
)
GET_PAYMENT_MODE = RpcMethod(SERVICE, "get_payment_mode", MethodKind.QUESTION, EmptySchema, PaymentModeSchema)
METHODS = (
    PROCESS_PAYMENT,
    CONFIRM_PAYMENT,
    GET_PAYMENT,
    LIST_PAYMENTS,
    RECEIVE_WEBHOOK,
    GET_PAYMENT_MODE,
)


class PaymentEventSchema(Schema):
    """A payment's public state. `captured` tells secured money that was taken from a hold on the card."""

    payment_id = Id(required=True)
    booking_id = Id(required=True)
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


class RefundedSoFarSchema(Schema):
    """What was given back of a payment, all its refunds together; failed ones do not count."""

    service = required_money()
    tip = required_money()


class PaymentRefundedSchema(PaymentEventSchema):
    """A refund was accepted or has settled. `cause` is the cancellation's."""

    refund_id = Id(required=True)
    service_refund = required_money()
    tip_refund = required_money()
    commission_returned = required_money()
    refunded_so_far = fields.Nested(RefundedSoFarSchema, required=True)
    refund_status = fields.String(required=True, validate=validate.OneOf([s.value for s in RefundStatus]))
    cause = fields.String(required=True, allow_none=True)


PAYMENT_ACTION_REQUIRED = EventType(SERVICE, "payment_action_required", 1, PaymentEventSchema)
PAYMENT_PROCESSING = EventType(SERVICE, "payment_processing", 1, PaymentEventSchema)
PAYMENT_SUCCEEDED = EventType(SERVICE, "payment_succeeded", 1, PaymentEventSchema)
PAYMENT_FAILED = EventType(SERVICE, "payment_failed", 1, PaymentEventSchema)
PAYMENT_CANCELLED = EventType(SERVICE, "payment_cancelled", 1, PaymentEventSchema)
PAYMENT_REFUNDED = EventType(SERVICE, "payment_refunded", 1, PaymentRefundedSchema)
EVENTS = (
    PAYMENT_ACTION_REQUIRED,
    PAYMENT_PROCESSING,
    PAYMENT_SUCCEEDED,
    PAYMENT_FAILED,
    PAYMENT_CANCELLED,
    PAYMENT_REFUNDED,
)
ERRORS = (*PROCESS_ERRORS, signature_invalid)
