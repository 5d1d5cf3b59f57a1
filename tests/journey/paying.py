"""The journey's payment: a card that asks for its owner is charged, and both sides are told."""

from decimal import Decimal
from typing import Any

import requests

from tests.fixtures.waiting import wait_until
from tests.journey.walk import POLL_SECONDS, Walk

TIP = Decimal("5.00")
CHARGED = {
    "amount": Decimal("105.00"),
    "serviceAmount": Decimal("100.00"),
    "tipAmount": TIP,
    "platformCommission": Decimal("10.00"),
    "providerAmount": Decimal("95.00"),
}
ASKS_FOR_ITS_OWNER = "pm_card_authenticationRequired"
PLAIN = "pm_card_visa"
DECLINES = "pm_card_chargeCustomerFail"
WEBHOOKS = "care_webhooks_received_total"
STANDIN_SECONDS = 10.0


def pay_with_a_card_that_asks_for_its_owner_and_a_tip(walk: Walk) -> list[str]:
    """Promise D1: 202 with what the customer has to do; nothing is charged before."""
    assert walk.winner
    walk.webhooks_before = _webhooks(walk)
    card = ASKS_FOR_ITS_OWNER if walk.standin else PLAIN
    answer = pay(walk, walk.booking, card, float(TIP))
    walk.payment = answer.json(parse_float=Decimal)["data"]
    if not walk.standin:
        assert answer.status_code == 200, answer.status_code
        return ["200 succeeded; 3-D Secure not shown: Stripe's stand-in is not in reach (--standin)"]
    assert answer.status_code == 202, answer.status_code
    assert walk.payment["status"] == "requires_action"
    assert walk.payment["nextAction"]["type"]
    assert walk.payment["clientSecret"]
    return [f"202 requires_action: {walk.payment['nextAction']['type']}"]


def authenticate_with_the_bank(walk: Walk) -> list[str]:
    """What the customer does on the page of their bank; the stand-in's page is one request."""
    if not walk.standin:
        return ["skipped: Stripe's stand-in is not in reach (--standin)"]
    authenticate(walk, walk.payment)
    return ["the stand-in's bank knows the customer"]


def authenticate(walk: Walk, payment: dict[str, Any]) -> None:
    answer = requests.post(
        f"{walk.standin}/v1/payment_intents/{payment['paymentIntentId']}/_authenticate",
        data={"client_secret": payment["clientSecret"], "success": "true", "key": "pk_test_journey"},
        timeout=STANDIN_SECONDS,
    )
    assert answer.status_code == 200, answer.text


def confirm_the_payment(walk: Walk) -> list[str]:
    """Promise D2: 10 % commission on the service, the provider receives the rest and the whole tip."""
    assert walk.winner
    answer = walk.winner.customer.post(f"customer/payments/{walk.payment['paymentIntentId']}/confirm")
    assert answer.status_code == 200, answer.status_code
    walk.payment = answer.json(parse_float=Decimal)["data"]
    assert walk.payment["status"] == "succeeded"
    amounts = {name: walk.payment[name] for name in CHARGED}
    assert amounts == CHARGED, amounts
    assert walk.payment["currency"] == "USD"
    return ["105.00 USD charged", "commission 10.00, provider 95.00"]


def pay(walk: Walk, booking: dict[str, Any], card: str, tip: float | None = None) -> requests.Response:
    """Ask the winner's card for this booking."""
    assert walk.winner
    body = {"bookingId": booking["bookingId"], "paymentMethodId": card, "tipAmount": tip}
    return walk.winner.customer.post("customer/payments/process", body)


def the_signed_webhook_arrives(walk: Walk) -> list[str]:
    """Promise D4: Stripe's own word, verified and stored."""
    if "payment" not in walk.metrics:
        return ["not checked: payment's counter is not in reach"]
    wait_until(lambda: _webhooks(walk) > walk.webhooks_before, "the webhook to be stored")
    return ["verified and stored"]


def _webhooks(walk: Walk) -> float:
    return walk.counter("payment", WEBHOOKS, outcome="stored") if "payment" in walk.metrics else 0.0


def the_booking_is_confirmed_and_both_sides_are_told(walk: Walk) -> list[str]:
    """Promise E2: booking-status-changed, payment-confirmed, new-booking."""
    assert walk.winner
    assert walk.owner
    booking_id = walk.booking["bookingId"]
    wait_until(
        lambda: state_of(walk, walk.booking) == "confirmed", "the booking to be confirmed", poll=POLL_SECONDS
    )
    delays = {
        f"{who} {event}": person.socket.wait_for(event, **{**data, "bookingId": booking_id}).delay_ms
        for who, person in (("customer", walk.winner), ("provider", walk.owner))
        for event, data in (
            ("booking-status-changed", {"state": "confirmed"}),
            ("payment-confirmed", {}),
        )
    }
    delays["provider new-booking"] = walk.owner.socket.wait_for("new-booking", bookingId=booking_id).delay_ms
    return ["confirmed", *(f"{name} after {delay:.0f} ms" for name, delay in delays.items())]


def state_of(walk: Walk, booking: dict[str, Any]) -> str:
    """How the winner's booking stands."""
    assert walk.winner
    answer = walk.winner.customer.get(f"customer/bookings/{booking['bookingId']}")
    assert answer.status_code == 200, answer.status_code
    return str(answer.json()["data"]["state"])


def the_receipt_is_there(walk: Walk) -> list[str]:
    """Promise D5: lines that add up to what was paid, without what is not the customer's matter."""
    receipt = receipt_of(walk)
    lines = [Decimal(str(line["amount"]["amount"])) for line in receipt["lines"]]
    assert lines == [CHARGED["serviceAmount"], TIP], lines
    assert (receipt["paid"]["amount"], receipt["refunded"]["amount"]) == (105, 0)
    assert "platformCommission" not in receipt
    link = "Stripe's own receipt beside it" if receipt["receiptUrl"] else "Stripe has no receipt of its own"
    return ["100.00 + 5.00 = 105.00 USD", link]


def receipt_of(walk: Walk) -> dict[str, Any]:
    assert walk.winner
    answer = walk.winner.customer.get(f"customer/payments/{walk.payment['paymentId']}/receipt")
    assert answer.status_code == 200, answer.status_code
    receipt: dict[str, Any] = answer.json()["data"]
    return receipt
