"""Webhooks that Stripe did sign: too old, or sent again."""

import time
from typing import Any

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.fixtures.stripe_webhooks import event_about, signed
from tests.integration.platform.census import Census
from tests.integration.platform.market import Market
from tests.integration.platform.test_bad_input import assert_problem

STALE_SECONDS = 600


def _webhook(stack: Stack, stranger: Customer, body: bytes, at: float) -> Any:
    """Send what Stripe would have signed at that time."""
    headers = signed(body, stack.environment("payment")["STRIPE_WEBHOOK_SECRET"], at)
    return stranger.call("POST", "customer/payments/webhook", data=body, headers=headers)


def test_a_stale_webhook_is_refused_and_a_replayed_one_changes_nothing(
    market: Market, customer: Customer, stranger: Customer, stack: Stack, census: Census
) -> None:
    """rules W1 and W11: older than five minutes is not valid; the same event again is a duplicate."""
    _, payment = market.confirmed(customer)
    intent = {"id": payment["paymentIntentId"], "object": "payment_intent"}
    body, before = event_about("payment_intent.succeeded", intent), census.of_money()
    stale = _webhook(stack, stranger, body, time.time() - STALE_SECONDS)
    assert_problem(stale, 400, "signature_invalid")
    assert census.of_money() == before
    answers = [_webhook(stack, stranger, body, time.time()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json()["data"]["duplicate"] for answer in answers] == [False, True, True]
    assert census.of_money() == before
