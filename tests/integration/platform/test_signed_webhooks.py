"""Webhooks that Stripe did sign: too old, or sent again."""

import hashlib
import hmac
import json
import time
from typing import Any

from deploy.local.stack import Stack
from shared.ids import new_id
from tests.fixtures.customer import Customer
from tests.integration.platform.census import Census
from tests.integration.platform.market import Market
from tests.integration.platform.test_bad_input import assert_problem

STALE_SECONDS = 600


def _webhook(stack: Stack, stranger: Customer, body: bytes, at: float) -> Any:
    """Send what Stripe would have signed at that time (docs.stripe.com/webhooks, 'Verify manually')."""
    secret = stack.environment("payment")["STRIPE_WEBHOOK_SECRET"].split(",")[0]
    moment = str(int(at))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    signature = {"Stripe-Signature": f"t={moment},v1={digest}"}
    return stranger.call("POST", "customer/payments/webhook", data=body, headers=signature)


def _event_about(payment: dict[str, Any]) -> bytes:
    intent = {"id": payment["paymentIntentId"], "object": "payment_intent"}
    event = {
        "id": f"evt_{new_id()}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "created": int(time.time()),
        "api_version": "2026-10-28.endive",
        "data": {"object": intent},
    }
    return json.dumps(event).encode()


def test_a_stale_webhook_is_refused_and_a_replayed_one_changes_nothing(
    market: Market, customer: Customer, stranger: Customer, stack: Stack, census: Census
) -> None:
    """rules W1 and W11: older than five minutes is not valid; the same event again is a duplicate."""
    _, payment = market.confirmed(customer)
    body, before = _event_about(payment), census.of_money()
    stale = _webhook(stack, stranger, body, time.time() - STALE_SECONDS)
    assert_problem(stale, 400, "signature_invalid")
    assert census.of_money() == before
    answers = [_webhook(stack, stranger, body, time.time()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json()["data"]["duplicate"] for answer in answers] == [False, True, True]
    assert census.of_money() == before
