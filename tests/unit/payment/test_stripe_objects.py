"""Intents of Stripe and of the stand-in read alike. Fixtures in the shape of Stripe's specification."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from services.payment.clients.stripe_objects import observe
from services.payment.domain.declines import DeclineReason
from services.payment.domain.observation import IntentStatus, ProcessingFee


def intent(**changes: Any) -> stripe.PaymentIntent:
    values = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "succeeded",
        "amount": 10500,
        "amount_received": 10500,
        "currency": "usd",
        "metadata": {"payment_id": "p1"},
        "client_secret": "pi_1_secret_1",
        "next_action": None,
        "last_payment_error": None,
        "latest_charge": "ch_1",
    }
    return stripe.PaymentIntent.construct_from({**values, **changes}, "key")


CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "receipt_url": "https://pay.stripe.com/receipts/1",
    "payment_method_details": {"type": "card", "card": {"wallet": {"type": "apple_pay"}}},
}


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ("ch_1", ("ch_1", None, None)),
        (CHARGE, ("ch_1", "https://pay.stripe.com/receipts/1", "apple_pay")),
        (
            CHARGE | {"payment_method_details": {"card": {"wallet": None}}},
            ("ch_1", CHARGE["receipt_url"], None),
        ),
        ({"id": "ch_1", "object": "charge"}, ("ch_1", None, None)),
        (None, (None, None, None)),
    ],
)
def test_the_latest_charge_in_all_its_forms(charge: Any, expected: tuple[Any, ...]) -> None:
    seen = observe(intent(latest_charge=charge))
    assert (seen.charge_id, seen.receipt_url, seen.wallet) == expected


def test_what_stripe_keeps_and_until_when_a_card_is_held() -> None:
    """rule M15: told with the charge, once there is something to tell."""
    transaction = {"id": "txn_1", "object": "balance_transaction", "fee": 335, "currency": "eur"}
    settled = observe(intent(latest_charge=CHARGE | {"balance_transaction": transaction}))
    assert settled.processing_fee == ProcessingFee("txn_1", 335, "EUR")
    assert (settled.capture_before, observe(intent()).processing_fee) == (None, None)
    by_id = observe(intent(latest_charge=CHARGE | {"balance_transaction": "txn_1"}))
    assert by_id.processing_fee is None
    card = {"payment_method_details": {"card": {"capture_before": 1800000000, "wallet": None}}}
    held = intent(status="requires_capture", amount_received=0, latest_charge=CHARGE | card)
    assert observe(held).capture_before == datetime(2027, 1, 15, 8, tzinfo=UTC)


def test_a_part_that_the_stand_in_captured_is_told_by_its_phantom_refund() -> None:
    """It does not say `amount_received`; a refund that somebody asked for names its intent."""
    refunds = [{"amount": 8000, "payment_intent": None}, {"amount": 500, "payment_intent": "pi_1"}]
    partly = intent(latest_charge=CHARGE | {"refunds": {"data": refunds}})
    del partly["amount_received"]
    assert observe(partly).amount_received == 2500


def test_an_intent_without_what_the_stand_in_lacks() -> None:
    bare = intent()
    del bare["amount_received"]
    assert observe(bare).amount_received == 10500
    waiting = intent(status="requires_confirmation", latest_charge=None)
    del waiting["amount_received"]
    assert observe(waiting).amount_received == 0


def test_what_the_customer_must_do() -> None:
    """promise D1: a page to go to, or an action of Stripe's library."""
    redirect = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds"}}
    seen = observe(intent(status="requires_action", next_action=redirect))
    assert seen.next_action is not None
    assert (seen.next_action.type, seen.next_action.url) == ("redirect_to_url", "https://bank.example/3ds")
    in_page = observe(intent(status="requires_action", next_action={"type": "use_stripe_sdk"}))
    assert in_page.next_action is not None
    assert in_page.next_action.url is None


def test_a_failure_is_read() -> None:
    error = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "no"}
    seen = observe(intent(status="requires_payment_method", last_payment_error=error))
    assert seen.failure is not None
    assert seen.failure.reason is DeclineReason.INSUFFICIENT_FUNDS
    assert seen.status is IntentStatus.REQUIRES_PAYMENT_METHOD
