"""The part of payment's public face that is for administrators: refunds, and a payment with all its books."""

from shared.contracts.declaration import MethodKind, RpcMethod
from shared.contracts.payment_disputes import payment_in_dispute
from shared.contracts.payment_refunds_forms import (
    InspectPaymentRequestSchema,
    ListRefundsRequestSchema,
    PaymentRecordSchema,
    RefundPaymentRequestSchema,
    RefundPreviewSchema,
    RefundRecordSchema,
    RefundsSchema,
    RefundWishSchema,
    RetryRefundRequestSchema,
)
from shared.errors import Category, ErrorCode
from shared.money import amount_precision

SERVICE = "payment"

not_captured = ErrorCode("not_captured", Category.CONFLICT, "No money was taken for this payment.")
refund_exceeds_payment = ErrorCode(
    "refund_exceeds_payment", Category.CONFLICT, "Less is left of this payment than would be refunded."
)
preview_changed = ErrorCode(
    "preview_changed", Category.CONFLICT, "What this refund would move has changed. Look at it again."
)
"""`details.preview` is the preview as it is now."""
refund_not_failed = ErrorCode(
    "refund_not_failed", Category.CONFLICT, "Only a refund that failed or is blocked can be sent again."
)
refund_not_blocked = ErrorCode(
    "refund_not_blocked",
    Category.CONFLICT,
    "Only what the provider's account could not give may be refunded without it.",
)

PREVIEW_ERRORS = (not_captured, refund_exceeds_payment, amount_precision, payment_in_dispute)
PREVIEW_REFUND = RpcMethod(
    SERVICE, "preview_refund", MethodKind.QUESTION, RefundWishSchema, RefundPreviewSchema, PREVIEW_ERRORS
)
REFUND_PAYMENT = RpcMethod(
    SERVICE,
    "refund_payment",
    MethodKind.COMMAND,
    RefundPaymentRequestSchema,
    RefundRecordSchema,
    (*PREVIEW_ERRORS, preview_changed),
)
RETRY_REFUND = RpcMethod(
    SERVICE,
    "retry_refund",
    MethodKind.COMMAND,
    RetryRefundRequestSchema,
    RefundRecordSchema,
    (refund_not_failed, refund_not_blocked),
)
LIST_REFUNDS = RpcMethod(
    SERVICE, "list_refunds", MethodKind.QUESTION, ListRefundsRequestSchema, RefundsSchema
)
INSPECT_PAYMENT = RpcMethod(
    SERVICE, "inspect_payment", MethodKind.QUESTION, InspectPaymentRequestSchema, PaymentRecordSchema
)
"""All of these are for administrators; nobody else finds anything."""

REFUND_METHODS = (PREVIEW_REFUND, REFUND_PAYMENT, RETRY_REFUND, LIST_REFUNDS, INSPECT_PAYMENT)
REFUND_ERRORS = (
    not_captured,
    refund_exceeds_payment,
    preview_changed,
    refund_not_failed,
    refund_not_blocked,
)
