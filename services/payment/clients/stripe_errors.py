"""Stripe's errors as ours: the one place that knows what each of its exceptions means."""

import stripe

from services.payment.clients.payment_provider import (
    SERVER_ERROR,
    BalanceTooLowError,
    CardDeclinedError,
    NotExecutedError,
    OutcomeUnknownError,
    ProviderError,
    RequestRefusedError,
)
from services.payment.domain.declines import Failure, reason_of
from shared.contracts.payment import amount_below_minimum, card_declined, payment_method_invalid
from shared.errors import internal_error

RESOURCE_MISSING = "resource_missing"
HTTP_NOT_FOUND = 404
HTTP_SERVER_ERROR = 500

BALANCE_TOO_LOW = frozenset({"balance_insufficient", "insufficient_funds"})
"""Of requests about balances; a card without funds is a CardError (docs.stripe.com/error-codes)."""

_FAILURES = {
    "amount_too_small": Failure(amount_below_minimum.code),
    "payment_method_invalid_parameter": Failure(payment_method_invalid.code),
    "payment_method_unactivated": Failure(payment_method_invalid.code),
    "payment_method_not_available": Failure(payment_method_invalid.code),
    "payment_method_unexpected_state": Failure(payment_method_invalid.code),
}


def translate(error: stripe.StripeError) -> ProviderError:
    """What an exception of Stripe's library means for us. Nothing of its message is kept."""
    if isinstance(error, stripe.CardError):
        decline_code = getattr(error.error, "decline_code", None)
        failure = Failure(card_declined.code, reason_of(error.code, decline_code))
        return CardDeclinedError(decline_code or error.code or "card_declined", error.request_id, failure)
    if isinstance(error, stripe.RateLimitError | stripe.AuthenticationError | stripe.PermissionError):
        return NotExecutedError(error.code or type(error).__name__, error.request_id)
    if isinstance(error, stripe.InvalidRequestError | stripe.IdempotencyError):
        return _refused(error)
    if error.http_status is not None and error.http_status >= HTTP_SERVER_ERROR:
        return OutcomeUnknownError(SERVER_ERROR, error.request_id)
    return OutcomeUnknownError(error.code or type(error).__name__, error.request_id)


def _refused(error: stripe.StripeError) -> RequestRefusedError:
    is_missing = error.code == RESOURCE_MISSING or error.http_status == HTTP_NOT_FOUND
    failure = _FAILURES.get(error.code or "", Failure(internal_error.code))
    if is_missing and getattr(error, "param", None) in (None, "payment_method"):
        failure = Failure(payment_method_invalid.code)
    code = error.code or (RESOURCE_MISSING if is_missing else type(error).__name__)
    kind = BalanceTooLowError if code in BALANCE_TOO_LOW else RequestRefusedError
    return kind(code, error.request_id, failure, is_missing=is_missing)
