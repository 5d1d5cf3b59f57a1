"""Stripe answering 500 after doing the work or not at all; its webhooks twice, shuffled, late, lost."""

import time
from typing import Any

import requests

from tests.chaos.faults.field import Field

REQUESTS: dict[str, tuple[dict[str, Any], ...]] = {
    "stripe_error": ({"do": "error", "status": 500},),
    "stripe_timeout": ({"do": "delay", "seconds": 11.0}, {"do": "cut"}),
}
WEBHOOKS: dict[str, dict[str, Any]] = {
    "webhook_duplicate": {"do": "duplicate"},
    "webhook_shuffle": {"do": "hold", "times": 2},
    "webhook_late": {"do": "delay", "seconds": 4.0},
    "webhook_lost": {"do": "drop"},
}
CHANGES = ("POST /v1/payment_intents", "POST /v1/payment_intents/{id}/confirm", "POST /v1/refunds", "")
MOST_SECONDS = 8.0
TIMEOUT_SECONDS = 5.0


def strike_stripe(field: Field, kind: str) -> None:
    """Order the fault from the proxy before Stripe's stand-in; it counts when a call or webhook met it."""
    if kind in REQUESTS:
        order = {**field.chance.choice(REQUESTS[kind]), "match": field.chance.choice(CHANGES)}
        orders = {"requests": [order]}
    else:
        order = WEBHOOKS[kind]
        orders = {"webhooks": [order]}
    side, wanted = next(iter(orders)), int(order.get("times", 1))
    with field.log.fault(kind, f"{order['do']} {order.get('match', '')}".strip()) as fault:
        try:
            _send(field, "PUT", "faults", orders)
            met = _wait_until_met(field, side, wanted)
        finally:
            _send(field, "PUT", "faults", {side: []})
            if kind == "webhook_shuffle":
                _send(field, "POST", "release", None)
        if met:
            fault.met = f"{met} {'calls' if side == 'requests' else 'webhooks'}"


def _wait_until_met(field: Field, side: str, wanted: int) -> int:
    """How many calls or webhooks met the order, all of them or those within the time."""
    end = time.monotonic() + MOST_SECONDS
    met = 0
    while met < wanted and time.monotonic() < end and not field.ending.is_set():
        field.pause(0.1)
        left = _send(field, "GET", "faults", None).json()[side]
        met = wanted - sum(order["times"] for order in left)
    return met


def _send(field: Field, method: str, path: str, body: dict[str, Any] | None) -> requests.Response:
    url = f"{field.chaos.stack.standin_proxy_url}/_proxy/{path}"
    answer = requests.request(method, url, json=body, timeout=TIMEOUT_SECONDS * 4)
    answer.raise_for_status()
    return answer
