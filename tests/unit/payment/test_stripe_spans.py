"""The span of a call to Stripe says which operation it was and how it ended, and nothing of the card."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
import stripe
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY

from services.payment.clients.payment_provider import CardDeclinedError
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.clients.stripe_spans import ENDPOINTS
from services.payment.settings import Mode
from shared.errors import ServiceError
from shared.worker.internet import InternetLimit
from tests.fixtures.spans import KeptSpans, kept_spans
from tests.fixtures.stripe_specification import OPERATIONS


@pytest.fixture
def spans() -> Iterator[KeptSpans]:
    with kept_spans() as kept:
        yield kept


def _call(send: Any) -> Any:
    return StripeGateway(None, Mode.SANDBOX, nullcontext).call("confirm", {}, send)


def test_operations_are_named_as_stripe_s_specification_names_them() -> None:
    assert {name: (method.lower(), path) for name, (method, path) in ENDPOINTS.items()} == OPERATIONS


def test_a_declined_card_is_a_failed_call_without_its_reason(spans: KeptSpans) -> None:
    """promise A7"""

    def decline(_sent: dict[str, Any]) -> None:
        body = {"error": {"code": "card_declined", "decline_code": "insufficient_funds"}}
        headers = {"request-id": "req_1"}
        raise stripe.CardError("Anna's card", None, "card_declined", "{}", 402, body, headers)  # type: ignore[no-untyped-call]

    with pytest.raises(CardDeclinedError):
        _call(decline)
    span = spans.named("POST /v1/payment_intents/{intent}/confirm")
    assert (span.kind, span.status.status_code) == (SpanKind.CLIENT, StatusCode.ERROR)
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST",
        "url.template": "/v1/payment_intents/{intent}/confirm",
        "server.address": "api.stripe.com",
        "http.response.status_code": 402,
        "care.stripe.operation": "confirm",
        "care.stripe.request_id": "req_1",
        "error.type": "CardDeclinedError",
    }


def test_a_list_of_several_pages_is_one_call(spans: KeptSpans) -> None:
    assert _call(lambda _sent: []) == []
    span = spans.named("POST /v1/payment_intents/{intent}/confirm")
    assert (span.attributes or {})["http.response.status_code"] == 200


def test_a_call_that_never_left_is_not_counted_as_answered() -> None:
    """promise I1: all places for calls to the internet are taken"""

    def counted(outcome: str) -> float:
        name, labels = "care_stripe_seconds_count", {"operation": "confirm", "outcome": outcome}
        return REGISTRY.get_sample_value(name, labels) or 0.0

    full = InternetLimit(1)
    gateway = StripeGateway(None, Mode.SANDBOX, full.call)
    answered, failed = counted("ok"), counted("failed")
    with full.call(), pytest.raises(ServiceError):
        gateway.call("confirm", {}, lambda _sent: [])
    assert (counted("ok"), counted("failed")) == (answered, failed + 1)
