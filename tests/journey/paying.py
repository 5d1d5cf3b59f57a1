"""The journey's payment: a card is charged, the booking is confirmed, both sides are told."""

from decimal import Decimal

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
WEBHOOKS = "care_webhooks_received_total"


def pay_with_a_card_and_a_tip(walk: Walk) -> list[str]:
    """Promise D2: 10 % commission on the service, the provider receives the rest and the whole tip."""
    assert walk.winner
    walk.webhooks_before = _webhooks(walk)
    body = {
        "bookingId": walk.booking["bookingId"],
        "paymentMethodId": "pm_card_visa",
        "tipAmount": float(TIP),
    }
    answer = walk.winner.customer.post("customer/payments/process", body)
    assert answer.status_code == 200, answer.status_code
    walk.payment = answer.json(parse_float=Decimal)["data"]
    assert walk.payment["status"] == "succeeded"
    amounts = {name: walk.payment[name] for name in CHARGED}
    assert amounts == CHARGED, amounts
    assert walk.payment["currency"] == "USD"
    return ["105.00 USD charged", "commission 10.00, provider 95.00"]


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
    path = f"customer/bookings/{booking_id}"
    wait_until(
        lambda: walk.winner and walk.winner.customer.get(path).json()["data"]["state"] == "confirmed",
        "the booking to be confirmed",
        poll=POLL_SECONDS,
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
