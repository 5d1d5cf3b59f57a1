"""Reads Tap's charges and refunds into our form, once, so that no other code knows their shapes.

Described at developers.tap.company, 'Charges' and 'Refunds'.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.payment.clients.payment_provider import OutcomeUnknownError
from services.payment.clients.tap_errors import ANSWER_NOT_UNDERSTOOD, failure_of
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.observation import IntentStatus, NextAction, Observation
from services.payment.domain.refunds import RefundObservation, RefundStatus
from shared.errors import ServiceError
from shared.money import parse_major

REDIRECT = "redirect_to_url"

_CHARGES = {
    "INITIATED": IntentStatus.REQUIRES_ACTION,
    "IN_PROGRESS": IntentStatus.PROCESSING,
    "UNKNOWN": IntentStatus.PROCESSING,
    "CAPTURED": IntentStatus.SUCCEEDED,
    "ABANDONED": IntentStatus.CANCELED,
    "CANCELLED": IntentStatus.CANCELED,
    "FAILED": IntentStatus.FAILED,
    "DECLINED": IntentStatus.FAILED,
    "RESTRICTED": IntentStatus.FAILED,
    "VOID": IntentStatus.FAILED,
    "TIMEDOUT": IntentStatus.FAILED,
}
"""`UNKNOWN` is asked about again: it may have been paid, so nothing is concluded from it."""
_REFUNDS = {
    "PENDING": RefundStatus.PENDING,
    "IN_PROGRESS": RefundStatus.PENDING,
    "ACCEPTED": RefundStatus.PENDING,
    "TIMEDOUT": RefundStatus.PENDING,
    "TIMED_OUT": RefundStatus.PENDING,
    "UNKNOWN": RefundStatus.PENDING,
    "REFUNDED": RefundStatus.SUCCEEDED,
    "CANCELLED": RefundStatus.FAILED,
    "FAILED": RefundStatus.FAILED,
    "DECLINED": RefundStatus.FAILED,
    "RESTRICTED": RefundStatus.FAILED,
}
"""What timed out or is unknown may have gone back: it is not sent anew."""


def observe(charge: Mapping[str, Any]) -> Observation:
    """A charge as an observation. Raises OutcomeUnknownError for one of another shape."""
    try:
        return _observe(charge)
    except (KeyError, TypeError, ArithmeticError, ServiceError) as error:
        raise OutcomeUnknownError(ANSWER_NOT_UNDERSTOOD) from error


def observe_refund(refund: Mapping[str, Any]) -> RefundObservation:
    """A refund as an observation. `metadata` is ours. Raises like `observe`."""
    try:
        metadata = refund.get("metadata") or {}
        attempt = str(metadata.get("attempt", ""))
        status = _REFUNDS[refund["status"]]
        return RefundObservation(
            provider_refund_id=str(refund["id"]),
            status=status,
            amount=_amount(refund),
            currency=str(refund["currency"]).lower(),
            our_id=metadata.get("refund_id"),
            attempt=int(attempt) if attempt.isdecimal() else None,
            failure_code=_response_code(refund) if status is RefundStatus.FAILED else None,
        )
    except (KeyError, TypeError, ArithmeticError, ServiceError) as error:
        raise OutcomeUnknownError(ANSWER_NOT_UNDERSTOOD) from error


def _observe(charge: Mapping[str, Any]) -> Observation:
    status, amount = _CHARGES[charge["status"]], _amount(charge)
    is_paid = status is IntentStatus.SUCCEEDED
    return Observation(
        intent_id=str(charge["id"]),
        status=status,
        amount=amount,
        amount_received=amount if is_paid else 0,
        currency=str(charge["currency"]).lower(),
        payment_id=(charge.get("metadata") or {}).get("payment_id"),
        charge_id=str(charge["id"]) if is_paid else None,
        failure=failure_of(_response_code(charge)) if status is IntentStatus.FAILED else None,
        next_action=_next_action(charge) if status is IntentStatus.REQUIRES_ACTION else None,
    )


def _amount(values: Mapping[str, Any]) -> int:
    """Tap writes 10, 10.0 and 10.00 for the same; anything finer than the currency is no amount of ours."""
    return provider_amount(parse_major(Decimal(values["amount"]).normalize(), str(values["currency"])))


def _response_code(values: Mapping[str, Any]) -> str | None:
    code = (values.get("response") or {}).get("code")
    return None if code is None else str(code)


def _next_action(charge: Mapping[str, Any]) -> NextAction:
    url = (charge.get("transaction") or {}).get("url")
    return NextAction(REDIRECT, str(url) if url else None)
