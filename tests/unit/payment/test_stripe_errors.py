"""What each of Stripe's errors means for a payment."""

from typing import Any

import pytest
import stripe

from services.payment.clients.payment_provider import (
    SERVER_ERROR,
    CardDeclinedError,
    NotExecutedError,
    OutcomeUnknownError,
    ProviderError,
    RequestRefusedError,
)
from services.payment.clients.stripe_errors import translate
from services.payment.domain.declines import DeclineReason

HEADERS = {"request-id": "req_1"}


def card_error(code: str, decline_code: str | None = None) -> stripe.CardError:
    error = {"code": code, "type": "card_error", "message": "Your card 4242 was declined."}
    body: dict[str, Any] = {"error": error | ({"decline_code": decline_code} if decline_code else {})}
    return stripe.CardError("m", None, code, json_body=body, http_status=402, headers=HEADERS)  # type: ignore[no-untyped-call]


def invalid(code: str | None, param: str | None = None, status: int = 400) -> stripe.InvalidRequestError:
    return stripe.InvalidRequestError("m", param, code, http_status=status, headers=HEADERS)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("code", "decline_code", "reason"),
    [
        ("card_declined", None, DeclineReason.DECLINED),
        ("card_declined", "insufficient_funds", DeclineReason.INSUFFICIENT_FUNDS),
        ("card_declined", "stolen_card", DeclineReason.DECLINED),
        ("expired_card", None, DeclineReason.EXPIRED_CARD),
        ("incorrect_cvc", None, DeclineReason.INCORRECT_CVC),
        ("incorrect_number", None, DeclineReason.INCORRECT_DETAILS),
        ("processing_error", None, DeclineReason.PROCESSING_ERROR),
        ("authentication_required", "authentication_required", DeclineReason.AUTHENTICATION_FAILED),
    ],
)
def test_a_refused_card(code: str, decline_code: str | None, reason: DeclineReason) -> None:
    translated = translate(card_error(code, decline_code))
    assert isinstance(translated, CardDeclinedError)
    assert translated.failure.code == "card_declined"
    assert translated.failure.reason is reason
    assert translated.request_id == "req_1"
    assert "4242" not in str(translated)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (stripe.APIConnectionError("m"), OutcomeUnknownError, "APIConnectionError"),  # type: ignore[no-untyped-call]
        (stripe.APIError("m", http_status=500), OutcomeUnknownError, SERVER_ERROR),
        (stripe.APIError("m", http_status=503), OutcomeUnknownError, SERVER_ERROR),
        (stripe.APIError("m", http_status=409), OutcomeUnknownError, "APIError"),
        (stripe.RateLimitError("m", http_status=429), NotExecutedError, "RateLimitError"),
        (stripe.AuthenticationError("m", http_status=401), NotExecutedError, "AuthenticationError"),
        (stripe.PermissionError("m", http_status=403), NotExecutedError, "PermissionError"),
        (stripe.IdempotencyError("m", http_status=400), RequestRefusedError, "IdempotencyError"),
        (stripe.StripeError("m"), OutcomeUnknownError, "StripeError"),
    ],
)
def test_other_errors(error: stripe.StripeError, kind: type[ProviderError], code: str) -> None:
    """rule W7: only what is known not to have been done counts as not done."""
    translated = translate(error)
    assert type(translated) is kind
    assert translated.code == code


@pytest.mark.parametrize(
    ("error", "failure", "is_missing"),
    [
        (invalid("amount_too_small", "amount"), "amount_below_minimum", False),
        (invalid("resource_missing", "payment_method", 404), "payment_method_invalid", True),
        (invalid(None, None, 404), "payment_method_invalid", True),
        (invalid("resource_missing", "transfer_data[destination]"), "internal_error", True),
        (invalid("payment_intent_unexpected_state"), "internal_error", False),
        (invalid("parameter_unknown", "x"), "internal_error", False),
    ],
)
def test_refused_requests(error: stripe.StripeError, failure: str, is_missing: bool) -> None:
    translated = translate(error)
    assert isinstance(translated, RequestRefusedError)
    assert translated.failure.code == failure
    assert translated.is_missing is is_missing
