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
from shared.contracts.booking_forms import BookingState, PendingFor
from shared.contracts.booking_series import GET_SERIES
from shared.contracts.booking_series_forms import MOST_INSTANCES
from shared.contracts.fields import Id
from shared.contracts.payment_forms import CARD, PaymentStatus
from shared.errors import (
    Category,
    ServiceError,
    deadline_exceeded,
    invalid_field,
    outcome_unknown,
    request_in_progress,
    unavailable,
)

blueprint = Blueprint(
    "series_paying", __name__, url_prefix="/customer/series", description="Visits that repeat"
)

NO_STORE = {"Cache-Control": "no-store"}
ACCEPTED = 202
SECONDS = 4.0
"""No payment is begun later: what is left is for the next request with the same key. The last one may take a
payment's 15 s, and the page hears an answer within 20 s (COMMAND_MS)."""
NOT_TRIED = "not_tried"
TO_BE_PAID = (BookingState.PENDING, BookingState.CONFIRMED)
"""What is paid already is asked about again: a repeat is told the same."""
_PASSING = {
    NOT_TRIED,
    *(error.code for error in (outcome_unknown, unavailable, deadline_exceeded, request_in_progress)),
}
"""What a repeat with the same key may settle."""
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
    key, began = idempotency_key(), clock.monotonic()
    series = resources().services.ask(GET_SERIES, {"series_id": series_id})
    visits = list(_pay(series, key, body["payment_method_id"], _cards(series, body["visits"]), began))
    waits = any(_waits(one) for one in visits)
    paid = {"series_id": series_id, "visits": visits}
    return Answer(paid, ACCEPTED if waits else 200, headers={HEADER: key, **NO_STORE})


def _cards(series: Object, named: list[Object]) -> dict[str, str]:
    """The card of each visit that is named. Raises `validation_failed` for one that is none of the series, or
    is named twice: which card was meant, and for what, is not guessed."""
    ids = {one["booking"]["booking_id"] for one in series["instances"] if one["booking"] is not None}
    cards: dict[str, str] = {}
    for number, one in enumerate(named):
        field, booking_id = f"visits.{number}.bookingId", one["booking_id"]
        if booking_id not in ids:
            raise invalid_field(field, "None of this series' visits.")
        if booking_id in cards:
            raise invalid_field(field, "Named before.")
        cards[booking_id] = one["payment_method_id"]
    return cards


def _pay(
    series: Object, key: str, card_of_all: str | None, cards: dict[str, str], began: float
) -> Iterator[Object]:
    """One after the other: a card that was declined is not tried again, and what is in trouble ends it."""
    declined, is_over = set[str](), False
    for position, booking in _to_be_paid(series):
        card = cards.get(booking["booking_id"], card_of_all)
        if card is None:
            continue
        result = {"position": position, "booking_id": booking["booking_id"]}
        if is_over or card in declined or clock.monotonic() - began > SECONDS:
            yield result | _refused(NOT_TRIED, "This visit was not tried.")
            continue
        try:
            yield result | _paid(booking["booking_id"], key, card)
        except ServiceError as error:
            if payment.already_paid.matches(error) and _is_paid(booking):
                # Paid by itself, or under another key: there was nothing to be done, and nothing is refused.
                continue
            if error.category is Category.PAYMENT_DECLINED:
                declined.add(card)
            is_over = error.category in _OUR_TROUBLE
            yield result | _refused(error.code, error.message)


def _to_be_paid(series: Object) -> Iterator[tuple[int, Object]]:
    for instance in series["instances"]:
        booking = instance["booking"]
        if booking is not None and booking["state"] in TO_BE_PAID:
            yield instance["position"], booking


def _is_paid(booking: Object) -> bool:
    """As booking knows it: agreed, or paid and waiting for the provider's answer."""
    return bool(
        booking["state"] == BookingState.CONFIRMED or booking.get("pending_for") == PendingFor.PROVIDER
    )


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
        return result["code"] in _PASSING
    return result["payment"]["status"] in (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING)
