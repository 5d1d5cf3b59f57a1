"""Tells a genuine webhook from a forged, stale or foreign one, over the raw bytes (rule W11)."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import stripe

from services.payment.domain.webhook import INTENT_EVENTS, OBJECT_EVENTS, WebhookEvent
from services.payment.settings import Mode
from shared import clock, logs
from shared.contracts.payment import signature_invalid

log = logging.getLogger(__name__)

TOLERANCE_SECONDS = 300
"""Both ways; Stripe's library looks into the past only."""


class WebhookReader:
    """Reads webhooks signed with any of several secrets: two are in use while one is replaced.

    `of_accounts`: those of the endpoint for providers' accounts, which all name one; the others never do.
    """

    def __init__(self, secrets: tuple[str, ...], mode: Mode, *, of_accounts: bool = False) -> None:
        self._secrets = secrets
        self._is_live = mode is Mode.LIVE
        self._of_accounts = of_accounts

    def __call__(self, body: bytes, signature: str) -> WebhookEvent:
        """The event, without its payload. Raises `signature_invalid`."""
        if not any(_is_signed(body, signature, secret) for secret in self._secrets):
            raise _refused("signature")
        try:
            event = read_event(json.loads(body))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
            raise _refused("not_an_event") from None
        if event.livemode != self._is_live:
            raise _refused("livemode")
        if (event.account is not None) is not self._of_accounts:
            raise _refused("account")
        return event


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    if not signature.isascii():  # stripe compares texts, and Python refuses to compare these
        return False
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
        stamp = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
    except (stripe.SignatureVerificationError, ValueError, StopIteration):
        return False
    return stamp <= clock.now().timestamp() + TOLERANCE_SECONDS


def read_event(event: dict[str, Any]) -> WebhookEvent:
    """Stripe's event without its payload. Raises KeyError, TypeError and the like when it is none."""
    subject = event["data"]["object"]
    return WebhookEvent(
        event_id=_text(event["id"]),
        type=_text(event["type"]),
        object_id=_text_or_none(subject.get("id")),
        intent_id=_intent_id(event["type"], subject),
        account=_text_or_none(event.get("account")),
        livemode=bool(event["livemode"]),
        api_version=_text_or_none(event.get("api_version")),
        stated_at=datetime.fromtimestamp(event["created"], UTC),
    )


def _intent_id(kind: str, subject: dict[str, Any]) -> str | None:
    """The intent that the event speaks of; None for types that we don't work."""
    if kind in INTENT_EVENTS:
        return _text(subject["id"])
    if kind in OBJECT_EVENTS and subject.get("payment_intent"):
        return _text(subject["payment_intent"])
    return None


def _text(value: object) -> str:
    """What PostgreSQL can keep as text. Raises ValueError."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _refused(why: str) -> Exception:
    logs.event(log, logging.WARNING, "webhook_refused", why=why)
    return signature_invalid()
