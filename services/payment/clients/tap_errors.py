"""Tap's refusals and response codes as ours: the one place that knows what each means.

The codes are those of developers.tap.company, 'Charge Response Codes'.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from services.payment.clients.payment_provider import (
    NotExecutedError,
    OutcomeUnknownError,
    ProviderError,
    RequestRefusedError,
)
from services.payment.domain.declines import DeclineReason, Failure
from shared.contracts.payment import amount_below_minimum, card_declined, payment_method_invalid
from shared.errors import internal_error

ANSWER_NOT_UNDERSTOOD = "answer_not_understood"
NOT_EXECUTED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
"""Before anything was done: our key, or too many requests."""

# Error codes of requests; what is missing is a mistake of ours.
_FAILURES = {
    "1117": Failure(amount_below_minimum.code),
    "1118": Failure(payment_method_invalid.code),
    "1119": Failure(payment_method_invalid.code),
    "1125": Failure(payment_method_invalid.code),
    "1163": Failure(payment_method_invalid.code),
}
# Response codes of charges that ended unpaid; what is missing reads as `declined`.
_REASONS = {
    **dict.fromkeys(("405", "406"), DeclineReason.INCORRECT_DETAILS),
    "407": DeclineReason.EXPIRED_CARD,
    "502": DeclineReason.INCORRECT_CVC,
    **dict.fromkeys(("503", "504", "512", "516"), DeclineReason.AUTHENTICATION_FAILED),
    "505": DeclineReason.INSUFFICIENT_FUNDS,
    "506": DeclineReason.NOT_SUPPORTED,
    **dict.fromkeys(("508", "511", "513", "801"), DeclineReason.TRY_AGAIN),
    "702": DeclineReason.LIMIT_EXCEEDED,
    **dict.fromkeys(("401", "402", "403", "404", "408"), DeclineReason.PROCESSING_ERROR),
}


def refused(status: int, answer: Mapping[str, Any]) -> ProviderError:
    """What an answer with a status of failure means. Nothing of its descriptions is kept.

    A failure inside Tap, and a conflict with a request under the same key that is still in work, may have
    been done: they are asked again under that key, which Tap answers as it did at first.
    """
    code = _code(answer) or f"http_{status}"
    if status in NOT_EXECUTED:
        return NotExecutedError(code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in (
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_TIMEOUT,
    ):
        return OutcomeUnknownError(code)
    failure = _FAILURES.get(code, Failure(internal_error.code))
    return RequestRefusedError(code, None, failure, is_missing=status == HTTPStatus.NOT_FOUND)


def failure_of(response_code: str | None) -> Failure:
    """Why a charge ended unpaid, as far as its customer may know it (promise D6)."""
    return Failure(card_declined.code, _REASONS.get(response_code or "", DeclineReason.DECLINED))


def _code(answer: Mapping[str, Any]) -> str | None:
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first["code"]) if isinstance(first, dict) and "code" in first else None
