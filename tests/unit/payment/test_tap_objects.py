"""What Tap says becomes what we know, or nothing is concluded from it (fixture: its documented shapes)."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.payment.clients.payment_provider import (
    NotExecutedError,
    OutcomeUnknownError,
    ProviderError,
    RequestRefusedError,
)
from services.payment.clients.tap_errors import failure_of, refused
from services.payment.clients.tap_objects import observe, observe_refund
from services.payment.domain.declines import DeclineReason
from services.payment.domain.refunds import RefundStatus
from services.payment.domain.states import State

ANSWERS = Path(__file__).parents[2] / "integration" / "payment" / "tap_answers"


def stored(name: str, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text())
    return answer | {"amount": 10, "metadata": {"payment_id": "p", "attempt": "1"}} | changes


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("INITIATED", State.ACTION_REQUIRED),
        ("IN_PROGRESS", State.PROCESSING),
        ("UNKNOWN", State.PROCESSING),
        ("CAPTURED", State.CAPTURED),
        ("ABANDONED", State.CANCELLED),
        ("CANCELLED", State.CANCELLED),
        ("FAILED", State.FAILED),
        ("DECLINED", State.FAILED),
        ("RESTRICTED", State.FAILED),
        ("VOID", State.FAILED),
        ("TIMEDOUT", State.FAILED),
    ],
)
def test_every_documented_status_of_a_charge(status: str, state: State) -> None:
    """rule W2: only CAPTURED is money."""
    seen = observe(stored("charge_initiated", status=status))
    assert seen.state is state
    assert (seen.amount, seen.amount_received) == (1000, 1000 if status == "CAPTURED" else 0)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((name, RefundStatus.PENDING) for name in ("PENDING", "IN_PROGRESS", "ACCEPTED")),
        *((name, RefundStatus.PENDING) for name in ("TIMEDOUT", "TIMED_OUT", "UNKNOWN")),
        ("REFUNDED", RefundStatus.SUCCEEDED),
        *((name, RefundStatus.FAILED) for name in ("CANCELLED", "FAILED", "DECLINED", "RESTRICTED")),
    ],
)
def test_every_documented_status_of_a_refund(status: str, expected: RefundStatus) -> None:
    """rule M12: what may have gone back is not sent anew."""
    assert observe_refund(stored("refund_pending", status=status)).status is expected


@pytest.mark.parametrize(
    "changes",
    [{"status": "SOMETHING"}, {"amount": 10.001}, {"amount": None}, {"currency": "XXX"}, {"currency": None}],
)
def test_another_shape_is_no_outcome(changes: dict[str, Any]) -> None:
    """rule W2: nothing is concluded from what is not described."""
    with pytest.raises(OutcomeUnknownError):
        observe(stored("charge_captured", **changes))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("505", DeclineReason.INSUFFICIENT_FUNDS),
        ("407", DeclineReason.EXPIRED_CARD),
        ("502", DeclineReason.INCORRECT_CVC),
        ("516", DeclineReason.AUTHENTICATION_FAILED),
        ("702", DeclineReason.LIMIT_EXCEEDED),
        ("801", DeclineReason.TRY_AGAIN),
        ("514", DeclineReason.DECLINED),
        ("704", DeclineReason.DECLINED),
        (None, DeclineReason.DECLINED),
    ],
)
def test_response_codes_become_reasons(code: str | None, reason: DeclineReason) -> None:
    """promise D6: a bank's suspicion reads as 'declined'."""
    assert failure_of(code).reason is reason


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "2104", NotExecutedError),
        (403, "2108", NotExecutedError),
        (429, None, NotExecutedError),
        (500, "9999", OutcomeUnknownError),
        (503, None, OutcomeUnknownError),
        (409, None, OutcomeUnknownError),
        (400, "1117", RequestRefusedError),
        (404, "1144", RequestRefusedError),
    ],
)
def test_what_an_answer_of_failure_means(status: int, code: str | None, kind: type[ProviderError]) -> None:
    """rule W7: what may have been done is asked again under its key, what was not is sent again."""
    answer = {"errors": [{"code": code, "description": "x"}]} if code else {}
    assert type(refused(status, answer)) is kind
