"""Stripe answering 500 after doing the work or not at all; its webhooks twice, shuffled, late, lost."""

import time
from collections.abc import Callable
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
TIMEOUT_SECONDS = 20.0


def strike_requests(field: Field, kind: str) -> None:
    """Order the fault from the proxy before Stripe's stand-in; it counts when a call met it."""
    order = {**field.chance.choice(REQUESTS[kind]), "match": field.chance.choice(CHANGES)}
    with field.log.fault(kind, f"{order['do']} {order['match']}".strip()) as fault:
        try:
            _send(field, "PUT", "faults", {"requests": [order]})
            if _wait(field, lambda: not any(_left(field, "requests"))):
                fault.met = "a call"
        finally:
            _send(field, "PUT", "faults", {"requests": []})


def strike_webhooks(field: Field, kind: str) -> None:
    """Order every fault of webhooks, this kind first; each is noted when webhooks have met it."""
    kinds = [kind, *(other for other in WEBHOOKS if other != kind)]
    open_orders = dict(enumerate(kinds))

    def note_met() -> bool:
        left = _left(field, "webhooks")
        for number in [one for one in open_orders if not left[one]]:
            met = open_orders.pop(number)
            with field.log.fault(met, str(WEBHOOKS[met]["do"]), f"{WEBHOOKS[met].get('times', 1)} webhooks"):
                pass
        return not open_orders

    try:
        _send(field, "PUT", "faults", {"webhooks": [WEBHOOKS[one] for one in kinds]})
        _wait(field, note_met)
    finally:
        _send(field, "PUT", "faults", {"webhooks": []})
        _send(field, "POST", "release", None)


def _wait(field: Field, is_met: Callable[[], bool]) -> bool:
    """Whether the orders were met within the time."""
    end = time.monotonic() + MOST_SECONDS
    while time.monotonic() < end and not field.ending.is_set():
        field.pause(0.1)
        if is_met():
            return True
    return False


def _left(field: Field, side: str) -> list[int]:
    """How many times each order may still happen."""
    return [int(order["times"]) for order in _send(field, "GET", "faults", None).json()[side]]


def _send(field: Field, method: str, path: str, body: dict[str, Any] | None) -> requests.Response:
    url = f"{field.chaos.stack.standin_proxy_url}/_proxy/{path}"
    answer = requests.request(method, url, json=body, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer
