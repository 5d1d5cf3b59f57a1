"""A payment as HTTP shows it: flat amounts in major units beside one currency."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.gateway.presentation import Amount, amount
from shared.contracts.fields import Id, Instant, currency
from shared.contracts.payment_forms import NextActionSchema, PaymentStatus

AMOUNTS = ("amount", "service_amount", "tip_amount", "platform_commission", "provider_amount")


class PaymentSchema(Schema):
    """A payment of the caller. `simulated`: a stand-in answered, no money moves."""

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    payment_intent_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf([s.value for s in PaymentStatus]))
    amount = Amount(required=True)
    service_amount = Amount(required=True)
    tip_amount = Amount(required=True)
    platform_commission = Amount(required=True)
    provider_amount = Amount(required=True)
    refunded_amount = Amount(required=True)
    currency = currency(required=True)
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
    return {
        **made,
        **{name: amount(made[name]) for name in AMOUNTS},
        "refunded_amount": amount(made.get("refunded_amount") or nothing),
        "currency": made["amount"]["currency"],
    }
