"""customer/series/{id}/pay: the visits of a series paid by one command, each by a payment of its own."""

import hashlib
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.gateway.blueprint import Access, Answer, Blueprint, Budget, declares
from services.gateway.idempotency import HEADER, idempotency_key
from services.gateway.process import resources
from services.gateway.routes.payment_answers import PaymentSchema, public_payment
from shared import clock
from shared.contracts import payment
from shared.contracts.booking_forms import BookingState
from shared.contracts.booking_series import GET_SERIES
from shared.contracts.booking_series_forms import MOST_INSTANCES
from shared.contracts.fields import Id
from shared.contracts.payment_forms import CARD, PaymentStatus
from shared.errors import Category, ServiceError

blueprint = Blueprint(
    "series_paying", __name__, url_prefix="/customer/series", description="Visits that repeat"
)

NO_STORE = {"Cache-Control": "no-store"}
ACCEPTED = 202
SECONDS = 15.0
"""No payment is begun later: what is left is for the next request with the same key."""
NOT_TRIED = "not_tried"
TO_BE_PAID = (BookingState.PENDING, BookingState.CONFIRMED)
"""What is paid already is asked about again: a repeat is told the same."""
_OUR_TROUBLE = (Category.UNAVAILABLE, Category.DEADLINE, Category.INTERNAL, Category.LIMITED)

Object = dict[str, Any]


def _card(**options: Any) -> fields.String:
    pattern = validate.Regexp(r"^pm_[A-Za-z0-9_]{1,100}\Z")
    return fields.String(data_key="paymentMethodId", validate=pattern, **options)


class VisitCardSchema(Schema):
    booking_id = Id(data_key="bookingId", required=True)
    payment_method_id = _card(required=True)


class PaySeriesBody(Schema):
    """A card by its id at Stripe for all visits, or one for each. Stripe charges a card once that is not kept
    for a customer: a page makes one for each visit from the same entry, and names them in `visits`."""

    payment_method_id = _card(load_default=None, allow_none=True)
    visits = fields.List(
        fields.Nested(VisitCardSchema), load_default=(), validate=validate.Length(max=MOST_INSTANCES)
    )

    @validates_schema
    def _names_a_card(self, body: Object, **_options: Any) -> None:
        if body["payment_method_id"] is None and not body["visits"]:
            raise ValidationError("Missing data for required field.", "paymentMethodId")


class VisitPaymentSchema(Schema):
    """What became of one visit: its payment, or the code that refused it. `not_tried`: the card was declined
    for a visit before it, or time ran out; repeat with the same key."""

    position = fields.Integer(required=True)
    booking_id = Id(required=True)
    payment = fields.Nested(PaymentSchema, required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    message = fields.String(required=True, allow_none=True)

    @validates_schema
    def _says_one(self, result: Object, **_options: Any) -> None:
        if (result["payment"] is None) == (result["code"] is None):
            raise ValidationError("A payment, or why there is none.")


class PaidSeriesSchema(Schema):
    series_id = Id(required=True)
    visits = fields.List(fields.Nested(VisitPaymentSchema), required=True)


@blueprint.post("/<id:series_id>/pay")
@declares(Access.CUSTOMER, Budget.BOOKING)
@blueprint.body(PaySeriesBody)
@blueprint.answers(PaidSeriesSchema, "What became of each visit.", 200, ACCEPTED)
def pay_series(body: Object, series_id: str) -> Answer:
    """Pay every unpaid visit, each on its own: what is refused undoes nothing, and a later refund is of one
    visit. 202 while an action or another request is needed."""
    key = idempotency_key()
    series = resources().services.ask(GET_SERIES, {"series_id": series_id})
    visits = list(_pay(series, key, body))
    waits = any(_waits(one) for one in visits)
    paid = {"series_id": series_id, "visits": visits}
    return Answer(paid, ACCEPTED if waits else 200, headers={HEADER: key, **NO_STORE})


def _pay(series: Object, key: str, body: Object) -> Iterator[Object]:
    """One after the other: a card that was declined is not tried again, and what is in trouble ends it."""
    began, declined, is_over = clock.monotonic(), set[str](), False
    cards = {one["booking_id"]: one["payment_method_id"] for one in body["visits"]}
    for instance in series["instances"]:
        booking = instance["booking"]
        if booking is None or booking["state"] not in TO_BE_PAID:
            continue
        card = cards.get(booking["booking_id"], body["payment_method_id"])
        if card is None:
            continue
        result = {"position": instance["position"], "booking_id": booking["booking_id"]}
        if is_over or card in declined or clock.monotonic() - began > SECONDS:
            yield result | _refused(NOT_TRIED, "This visit was not tried.")
            continue
        try:
            yield result | _paid(booking["booking_id"], key, card)
        except ServiceError as error:
            if error.category is Category.PAYMENT_DECLINED:
                declined.add(card)
            is_over = error.category in _OUR_TROUBLE
            yield result | _refused(error.code, error.message)


def _paid(booking_id: str, key: str, card: str) -> Object:
    request = {
        "booking_id": booking_id,
        "payment_method_id": card,
        "method": CARD,
        "tip": None,
        "idempotency_key": hashlib.sha256(f"{key} {booking_id}".encode()).hexdigest(),
    }
    made = resources().services.ask(payment.PROCESS_PAYMENT, request)
    return {"payment": public_payment(made), "code": None, "message": None}


def _refused(code: str, message: str) -> Object:
    return {"payment": None, "code": code, "message": message}


def _waits(result: Object) -> bool:
    if result["payment"] is None:
        return bool(result["code"] == NOT_TRIED)
    return result["payment"]["status"] in (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING)
