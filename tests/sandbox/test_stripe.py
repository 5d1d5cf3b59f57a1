"""What the stand-in can't show, asked of real Stripe in its test mode."""

from datetime import timedelta
from typing import Any

import pytest

from services.payment.clients.payment_provider import CardDeclinedError
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.authorization import CaptureMethod
from services.payment.domain.charge import FeeRefundOrder, RefundOrder
from services.payment.domain.declines import DeclineReason
from services.payment.domain.observation import IntentStatus
from services.payment.domain.refunds import ACCEPTED
from shared import clock
from shared.ids import new_id
from shared.money import Money
from tests.fixtures.waiting import wait_until
from tests.sandbox.charging import COMMISSION, PRICE, capture, confirm, create, pay

VISA = "pm_card_visa"
DISPUTED = "pm_card_createDispute"
MANUAL = CaptureMethod.MANUAL
SECONDS = 90
POLL_SECONDS = 2
"""Far below the limit of requests in test mode."""


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def test_a_hold_is_taken_later(gateway: StripeGateway) -> None:
    """rule M15: what is held is not taken until we ask, and its end is told."""
    held = pay(gateway, VISA, None, MANUAL)
    assert (held.status, held.amount_received) == (IntentStatus.REQUIRES_CAPTURE, 0)
    assert held.capture_before is not None
    assert held.capture_before > clock.now() + timedelta(days=4)
    taken = capture(gateway, held.intent_id, PRICE, usd(0))
    assert (taken.status, taken.amount_received) == (IntentStatus.SUCCEEDED, PRICE.amount)


def test_a_part_of_a_hold_is_taken_with_a_part_of_the_commission(
    gateway: StripeGateway, account: str
) -> None:
    """rules M9 and M15: 25.00 of 100.00 with 2.50; no Refund is made of what was never taken."""
    held = pay(gateway, VISA, account, MANUAL)
    taken = capture(gateway, held.intent_id, usd(2500), usd(250))
    assert (taken.status, taken.amount, taken.amount_received) == (IntentStatus.SUCCEEDED, 10000, 2500)
    assert taken.application_fee_id is not None
    assert gateway.refunds.fee(taken.application_fee_id).amount == 250
    assert gateway.refunds.refunds_of(held.intent_id) == []


def test_a_charge_goes_to_the_providers_account(gateway: StripeGateway, client: Any, account: str) -> None:
    """promise D2: the whole to the account, the commission back to the platform."""
    paid = pay(gateway, VISA, account)
    assert paid.status is IntentStatus.SUCCEEDED
    assert paid.receipt_url is not None
    charge = client.v1.charges.retrieve(paid.charge_id).to_dict()
    transfer = client.v1.transfers.retrieve(charge["transfer"]).to_dict()
    assert (transfer["destination"], transfer["amount"]) == (account, PRICE.amount)
    assert paid.application_fee_id is not None
    assert gateway.refunds.fee(paid.application_fee_id).amount == COMMISSION.amount


def test_a_refund_takes_the_transfer_back_and_the_commission_goes_by_itself(
    gateway: StripeGateway, client: Any, account: str
) -> None:
    """rule M10: 75.00 of the service and 7.50 of the commission, to the unit."""
    paid = pay(gateway, VISA, account)
    refund_id, fee_id = new_id(), paid.application_fee_id
    assert fee_id is not None
    order = RefundOrder(refund_id, 1, new_id(), new_id(), paid.intent_id, usd(7500), takes_transfer_back=True)
    request = gateway.refunds.refund_request(order)
    made = gateway.refunds.refund(request, f"refund:{refund_id}:1").observation
    assert (made.status in ACCEPTED, made.amount, made.our_id) == (True, 7500, refund_id)
    charge = client.v1.charges.retrieve(paid.charge_id).to_dict()
    assert client.v1.transfers.retrieve(charge["transfer"]).to_dict()["amount_reversed"] == 7500
    assert gateway.refunds.fee(fee_id).returned == 0
    fee_request = gateway.refunds.fee_refund_request(FeeRefundOrder(refund_id, new_id(), usd(750)))
    gateway.refunds.refund_fee(fee_id, fee_request, f"refund_fee:{refund_id}:1")
    assert gateway.refunds.fee(fee_id).returned == 750
    assert gateway.refunds.refunds_with_fee_returned(fee_id) == {refund_id}


def test_a_repeat_under_one_key_makes_one_refund(gateway: StripeGateway) -> None:
    """rule W7: Stripe answers a repeat as it did at first."""
    paid = pay(gateway, VISA, None)
    order = RefundOrder(new_id(), 1, new_id(), new_id(), paid.intent_id, usd(1000), takes_transfer_back=False)
    request, key = gateway.refunds.refund_request(order), f"refund:{order.refund_id}:1"
    made = {gateway.refunds.refund(request, key).observation.provider_refund_id for _ in range(2)}
    assert len(made) == len(gateway.refunds.refunds_of(paid.intent_id)) == 1


def test_a_charge_is_disputed(gateway: StripeGateway, client: Any) -> None:
    """rule M14: the dispute has a reason and a deadline for evidence, and the charge says so."""
    paid = pay(gateway, DISPUTED, None)

    def is_disputed() -> bool:
        return bool(client.v1.charges.retrieve(paid.charge_id).to_dict()["disputed"])

    wait_until(is_disputed, "a dispute of the charge", seconds=SECONDS, poll=POLL_SECONDS)
    [dispute] = client.v1.disputes.list({"charge": paid.charge_id}).to_dict()["data"]
    assert (dispute["amount"], dispute["reason"]) == (PRICE.amount, "fraudulent")
    assert dispute["evidence_details"]["due_by"] > dispute["created"]


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_visa_chargeDeclined", DeclineReason.DECLINED),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", DeclineReason.INSUFFICIENT_FUNDS),
        ("pm_card_visa_chargeDeclinedLostCard", DeclineReason.DECLINED),
        ("pm_card_visa_chargeDeclinedStolenCard", DeclineReason.DECLINED),
        ("pm_card_chargeDeclinedExpiredCard", DeclineReason.EXPIRED_CARD),
        ("pm_card_chargeDeclinedIncorrectCvc", DeclineReason.INCORRECT_CVC),
        ("pm_card_chargeDeclinedProcessingError", DeclineReason.PROCESSING_ERROR),
    ],
)
def test_a_declined_card_says_no_more_than_its_owner_may_know(
    gateway: StripeGateway, card: str, reason: DeclineReason
) -> None:
    """promise D6: loss, theft and suspicion read as 'declined'."""
    with pytest.raises(CardDeclinedError) as declined:
        pay(gateway, card, None)
    assert declined.value.failure.reason is reason


def test_a_card_that_asks_its_owner_waits_for_them(gateway: StripeGateway) -> None:
    """promise D1: nothing is taken before the bank's question is answered."""
    asked = create(gateway, "pm_card_threeDSecure2Required", None)
    asked = confirm(gateway, asked.intent_id)
    assert (asked.status, asked.amount_received) == (IntentStatus.REQUIRES_ACTION, 0)
    assert asked.next_action is not None
