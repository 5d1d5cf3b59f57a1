"""Tap's API over HTTP: one request, its answer as JSON, and what can go wrong on the way.

Amounts are numbers in major units there. They pass as text from our integers to the body, and are read as
decimals: no float touches them (rule M1). Described at developers.tap.company, 'Charges', 'Refunds',
'Charge Response Codes'.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import requests

from services.payment.clients.payment_provider import OutcomeUnknownError, ProviderError
from services.payment.clients.tap_errors import ANSWER_NOT_UNDERSTOOD, refused
from services.payment.clients.tap_spans import TapSpan, call_span
from shared import clock, logs
from shared.telemetry import metrics

log = logging.getLogger(__name__)

TAP_API_BASE = "https://api.tap.company"
CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
"""A customer waits for this call; what takes longer goes on in a job."""
_AMOUNT = re.compile(r'"amount": "(\d+(?:\.\d+)?)"')

Answer = Mapping[str, Any]
Internet = Callable[[], AbstractContextManager[None]]


class TapHttp:
    """Sends one request at a time and never again by itself: keys and repeats are ours (`payment_op`)."""

    def __init__(self, secret_key: str, base: str, internet: Internet) -> None:
        self._headers = {"Authorization": f"Bearer {secret_key}", "Content-Type": "application/json"}
        self._base = base or TAP_API_BASE
        self._internet = internet

    def refuse_when_busy(self) -> None:
        """Raise `unavailable` when no call could be made now."""
        with self._internet():
            """There is a place; a call takes one of its own."""

    def post(self, operation: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Raises ProviderError, `unavailable`."""
        text = _AMOUNT.sub(r'"amount": \1', json.dumps(body))
        return self._call(operation, "POST", path, text)

    def get(self, operation: str, path: str) -> Answer:
        """Raises ProviderError, `unavailable`."""
        return self._call(operation, "GET", path, None)

    def _call(self, operation: str, method: str, path: str, body: str | None) -> Answer:
        started, outcome = clock.monotonic(), "failed"
        try:
            with call_span(operation, self._base) as span, self._internet():
                answer = self._exchange(method, path, body, span)
            outcome = "ok"
            return answer
        except ProviderError as error:
            outcome = type(error).__name__
            logs.event(log, logging.WARNING, "tap_failed", operation=operation, kind=outcome, code=error.code)
            raise
        finally:
            metrics.tap_seconds.labels(operation, outcome).observe(clock.monotonic() - started)

    def _exchange(self, method: str, path: str, body: str | None, span: TapSpan) -> Answer:
        try:
            response = requests.request(
                method,
                f"{self._base}{path}",
                data=body,
                headers=self._headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise OutcomeUnknownError(type(error).__name__) from error
        span.answered(response.status_code)
        answer = _read(response)
        if not response.ok:
            raise refused(response.status_code, answer or {})
        if answer is None:
            raise OutcomeUnknownError(ANSWER_NOT_UNDERSTOOD)
        return answer


def _read(response: requests.Response) -> Answer | None:
    """None for what is no JSON object."""
    try:
        answer = json.loads(response.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
