"""customer/payments/*: paying a booking, and Stripe's webhook, which passes through byte for byte."""

import base64
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.gateway import context
from services.gateway.amounts import DecimalNumber
from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.bodies import MAX_WEBHOOK_BYTES, read_body
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.cancelling import CancelBookingBody, cancel
from services.gateway.routes.lists import PageQuery
from services.gateway.routes.payment_answers import PaymentSchema, PaymentsSchema, public_payment
from services.gateway.routes.receipt_page import receipt_page
from services.gateway.routes.receipts import ReceiptSchema, receipt_of
from shared.contracts import payment
from shared.contracts.booking_forms import BookingSchema
from shared.contracts.fields import Id
from shared.contracts.payment_forms import CARD, METHODS, STRIPE, TAP, PaymentStatus, WebhookAnswerSchema

blueprint = Blueprint("payments", __name__, url_prefix="/customer/payments", description="Payments")

NO_STORE = {"Cache-Control": "no-store"}
ACCEPTED = 202


class ProcessPaymentBody(Schema):
    """`tipAmount` is in major units of the booking's currency; the price is the quote's. `method` is one of
    `GET customer/payments/methods`; a card is named by `paymentMethodId`, the others have none."""

    booking_id = Id(data_key="bookingId", required=True)
    payment_method_id = fields.String(
        data_key="paymentMethodId",
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^pm_[A-Za-z0-9_]{1,100}\Z"),
    )
    method = fields.String(load_default=CARD, validate=validate.OneOf(METHODS))
    tip = DecimalNumber(data_key="tipAmount", load_default=None, allow_none=True)

    @validates_schema
    def _names_a_card(self, body: dict[str, Any], **_options: Any) -> None:
        is_card = body["method"] == CARD
        if is_card and body["payment_method_id"] is None:
            raise ValidationError("Missing data for required field.", "paymentMethodId")
        if not is_card and body["payment_method_id"] is not None:
            raise ValidationError("Only a card has one.", "paymentMethodId")


@blueprint.post("/process")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.body(ProcessPaymentBody)
@blueprint.answers(PaymentSchema, "Payment received.", 200, ACCEPTED)
def process_payment(body: dict[str, Any]) -> Answer:
    """Pay a held booking: 200 succeeded, 202 when an action or time is needed, 402 declined."""
    key = idempotency_key()
    made = resources().services.ask(payment.PROCESS_PAYMENT, body | {"idempotency_key": key})
    return _outcome(made, {HEADER: key})


class TipBody(ProcessPaymentBody):
    """`tipAmount` is in major units of the booking's currency."""

    tip = DecimalNumber(data_key="tipAmount", required=True)


@blueprint.post("/tip")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.body(TipBody)
@blueprint.answers(PaymentSchema, "Tip received.", 200, ACCEPTED)
def tip_booking(body: dict[str, Any]) -> Answer:
    """A tip after the visit: a payment of its own, all of it the provider's. Answers like `process`."""
    key = idempotency_key()
    made = resources().services.ask(payment.TIP_BOOKING, body | {"idempotency_key": key})
    return _outcome(made, {HEADER: key})


class RefundBody(CancelBookingBody):
    """Either of `bookingId` and `paymentId`."""

    booking_id = Id(data_key="bookingId", load_default=None, allow_none=True)
    payment_id = Id(data_key="paymentId", load_default=None, allow_none=True)

    @validates_schema
    def _names_one(self, body: dict[str, Any], **_options: Any) -> None:
        if (body["booking_id"] is None) == (body["payment_id"] is None):
            raise ValidationError("Name the booking or the payment, not both.", "bookingId")


@blueprint.post("/refund")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.body(RefundBody)
@blueprint.answers(BookingSchema, "The booking is cancelled.")
def refund(body: dict[str, Any]) -> Answer:
    """The original name of cancelling a paid booking: same command, same answer."""
    booking_id = body["booking_id"]
    if booking_id is None:
        found = resources().services.ask(payment.GET_PAYMENT, {"payment_id": body["payment_id"]})
        booking_id = found["booking_id"]
    return cancel(booking_id, body)


@blueprint.post("/<payment_intent_id>/confirm")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.answers(PaymentSchema, "Payment as it is now.", 200, ACCEPTED)
def confirm_payment(payment_intent_id: str) -> Answer:
    """Look again: how the payment stands at Stripe now; allowed at any time."""
    wanted = {"payment_intent_id": payment_intent_id}
    return _outcome(resources().services.ask(payment.CONFIRM_PAYMENT, wanted), {})


@blueprint.get("")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.query(PageQuery)
@blueprint.answers(PaymentsSchema, "Your payments, newest first.")
def list_payments(query: dict[str, Any]) -> Answer:
    """The caller's own payments."""
    found = resources().services.ask(payment.LIST_PAYMENTS, query)
    payments = [public_payment(item) for item in found["payments"]]
    return Answer(found | {"payments": payments}, limit=query["limit"], headers=NO_STORE)


@blueprint.get("/<id:payment_id>")
@declares(Access.SIGNED_IN, Budget.OTHER)
@blueprint.answers(PaymentSchema, "The payment.")
def get_payment(payment_id: str) -> Answer:
    """One payment, for its customer."""
    found = resources().services.ask(payment.GET_PAYMENT, {"payment_id": payment_id})
    return Answer(public_payment(found), headers=NO_STORE)


@blueprint.get("/<id:payment_id>/receipt")
@declares(Access.CUSTOMER, Budget.OTHER)
@blueprint.answers(ReceiptSchema, "The receipt.")
def get_receipt(payment_id: str) -> Answer | Response:
    """What was paid and given back, for its customer: JSON, or a page for `Accept: text/html`."""
    receipt = receipt_of(payment_id, context.current().caller().user_id)
    if request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return receipt_page(receipt, context.current().locale)
    return Answer(receipt, headers=NO_STORE)


@blueprint.post("/webhook")
@declares(Access.STRIPE, Budget.UNLIMITED)
@blueprint.answers(WebhookAnswerSchema, "Stored.")
def receive_webhook() -> Answer:
    """Stripe's webhook, as Stripe signed it: 200 stored, 400 not signed, 503 not stored."""
    return _store_webhook("Stripe-Signature")


@blueprint.post("/webhook/connect")
@declares(Access.STRIPE, Budget.UNLIMITED)
@blueprint.answers(WebhookAnswerSchema, "Stored.")
def receive_account_webhook() -> Answer:
    """Stripe's webhook about providers' accounts and payouts; it has secrets of its own."""
    return _store_webhook("Stripe-Signature", of_accounts=True)


@blueprint.post("/webhook/tap")
@declares(Access.STRIPE, Budget.UNLIMITED)
@blueprint.answers(WebhookAnswerSchema, "Stored.")
def receive_webhook_of_tap() -> Answer:
    """Tap's post about a payment with mada: 200 stored, 400 not genuine, 503 not stored or not set up."""
    return _store_webhook("hashstring", payment_provider=TAP)


def _store_webhook(proof: str, *, of_accounts: bool = False, payment_provider: str = STRIPE) -> Answer:
    # Read before a place is taken: who sends slowly, or never, holds nobody's.
    body = read_body(request, MAX_WEBHOOK_BYTES)
    wanted = {
        "body_base64": base64.b64encode(body).decode(),
        "signature": request.headers.get(proof, ""),
        "of_accounts": of_accounts,
        "payment_provider": payment_provider,
    }
    with resources().webhooks.place():
        return Answer(resources().services.ask(payment.RECEIVE_WEBHOOK, wanted))


def _outcome(made: dict[str, Any], headers: dict[str, str]) -> Answer:
    """Paid is 200; 202 says that the customer, or time, is needed. What failed payment has refused itself."""
    waits = made["status"] in (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING)
    return Answer(public_payment(made), ACCEPTED if waits else 200, headers=headers | NO_STORE)
