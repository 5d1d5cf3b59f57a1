"""A payment as HTTP shows it: flat amounts in major units beside one currency."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.presentation import Amount, amount
from shared.contracts.fields import Id, Instant, currency
from shared.contracts.payment_forms import NextActionSchema, PaymentStatus, RefundStatus

AMOUNTS = ("amount", "service_amount", "tip_amount", "platform_commission", "provider_amount")

LATER_AMOUNTS = ("captured_amount", "released_amount", "refunded_amount")


class PaymentRefundSchema(Schema):
    """Money that goes back. `pending`: owed, or on its way; `failed`: we look after it."""

    refund_id = Id(required=True)
    amount = Amount(required=True)
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in RefundStatus]))
    credit_note_number = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)


class PaymentSchema(Schema):
    """A payment of the caller. `refunds` and `invoiceNumber` are told of one payment alone, null in lists.
    `simulated`: a stand-in answered, no money moves.

    Of a visit that is near the money is held on the card and taken after the visit: until then `captured` is
    false and `heldUntil` says when the hold ends by itself. `releasedAmount` was held and never taken.
    """

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("booking", "tip")))
    payment_intent_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in PaymentStatus]))
    amount = Amount(required=True)
    service_amount = Amount(required=True)
    tip_amount = Amount(required=True)
    platform_commission = Amount(required=True)
    provider_amount = Amount(required=True)
    captured = fields.Boolean(required=True)
    captured_amount = Amount(required=True)
    released_amount = Amount(required=True)
    held_until = Instant(required=True, allow_none=True)
    refunded_amount = Amount(required=True)
    currency = currency(required=True)
    invoice_number = fields.String(required=True, allow_none=True)
    refunds = fields.List(fields.Nested(PaymentRefundSchema), required=True, allow_none=True)
    receipt_url = fields.String(required=True, allow_none=True)
    client_secret = fields.String(required=True, allow_none=True)
    next_action = fields.Nested(NextActionSchema, required=True, allow_none=True)
    simulated = fields.Boolean(required=True)
    created_at = Instant(required=True)


class PaymentsSchema(Schema):
    payments = fields.List(fields.Nested(PaymentSchema), required=True)
    next = fields.String(required=True, allow_none=True)


def public_payment(made: Mapping[str, Any]) -> dict[str, Any]:
    """A payment of the contract with its amounts as JSON numbers of one currency."""
    nothing = {**made["amount"], "amount": 0}
    back = made.get("refunds")
    return {
        **made,
        "kind": made.get("kind", "booking"),
        **{name: amount(made[name]) for name in AMOUNTS},
        **{name: amount(made.get(name) or nothing) for name in LATER_AMOUNTS},
        "captured": bool(made.get("captured")),
        "currency": made["amount"]["currency"],
        "refunds": back and [{**one, "amount": amount(one["amount"])} for one in back],
    }
