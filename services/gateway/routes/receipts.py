"""The receipt of a payment: put together from what payment, booking and search say of it (promise D5)."""

from typing import Any

from marshmallow import Schema, fields

from services.gateway.process import resources
from shared.contracts import booking, payment, search
from shared.contracts.booking_forms import QuoteLineSchema
from shared.contracts.fields import Id, Instant, TextsSchema, required_money
from shared.contracts.payment_forms import PaymentStatus
from shared.errors import ServiceError, not_found

TIP = {"kind": "tip", "name": {"en": "Tip", "ar": "إكرامية"}}


class ReceiptSchema(Schema):
    """What its customer paid for what. The lines add up to `paid`; `kept` is what is left of it.

    Not `captured`: it is held on the card, and will be taken after the visit. `released` was held and never
    taken.
    `providerName` is null while the catalogue can't be asked. `receiptUrl` is Stripe's own receipt,
    where there is one. `simulated`: a stand-in answered, no money moved.
    """

    payment_id = Id(required=True)
    booking_id = Id(required=True)
    paid_at = Instant(required=True)
    provider_id = Id(required=True)
    provider_name = fields.Nested(TextsSchema, required=True, allow_none=True)
    service_name = fields.Nested(TextsSchema, required=True)
    starts_at = Instant(required=True)
    local_date = fields.String(required=True)
    local_time = fields.String(required=True)
    time_zone = fields.String(required=True)
    lines = fields.List(fields.Nested(QuoteLineSchema), required=True)
    paid = required_money()
    captured = fields.Boolean(required=True)
    released = required_money()
    refunded = required_money()
    kept = required_money()
    receipt_url = fields.String(required=True, allow_none=True)
    simulated = fields.Boolean(required=True)


def receipt_of(payment_id: str, customer_id: str) -> dict[str, Any]:
    """ReceiptSchema for the payment's customer. Raises `not_found` for others and for what was not paid."""
    services = resources().services
    paid = services.ask(payment.GET_PAYMENT, {"payment_id": payment_id})
    visit = services.ask(booking.GET_BOOKING, {"booking_id": paid["booking_id"]})
    if visit["customer_id"] != customer_id or paid["status"] != PaymentStatus.SUCCEEDED:
        raise not_found()
    total = paid["amount"]
    nothing = total | {"amount": 0}
    refunded, released = (paid.get(name) or nothing for name in ("refunded_amount", "released_amount"))
    back = refunded["amount"] + released["amount"]
    of_quote = [] if paid.get("kind") == "tip" else visit["quote"]["lines"]
    tips = [TIP | {"amount": paid["tip_amount"]}] if paid["tip_amount"]["amount"] else []
    of_visit = ("provider_id", "service_name", "starts_at", "local_date", "local_time", "time_zone")
    return {name: visit[name] for name in of_visit} | {
        "payment_id": paid["payment_id"],
        "booking_id": paid["booking_id"],
        "paid_at": paid["created_at"],
        "provider_name": _provider_name(visit["provider_id"]),
        "lines": [*of_quote, *tips],
        "paid": total,
        "captured": paid.get("captured") is not False,
        "released": released,
        "refunded": refunded,
        "kept": total | {"amount": total["amount"] - back},
        "receipt_url": paid["receipt_url"],
        "simulated": paid["simulated"],
    }


def _provider_name(provider_id: str) -> dict[str, Any] | None:
    """A receipt doesn't wait for the catalogue, nor does it end with a provider that has left it."""
    wanted = {"provider_id": provider_id, "latitude": None, "longitude": None}
    try:
        name: dict[str, Any] = resources().services.ask(search.GET_PROVIDER, wanted, 1.0)["name"]
    except ServiceError:
        return None
    return name
