"""Tells a genuine post of Tap's from a forged one, by its hashstring (rule W11).

developers.tap.company, 'Webhook': HMAC-SHA256 under the secret key over id, amount, currency, references,
status and instant of the object. It covers no more of the body, so no more of it is believed; nor is that:
what it speaks of is looked at. It has no age, so a post may be repeated by anyone who has seen it; that
changes nothing.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.webhook import TAP_CHARGE, TAP_REFUND, WebhookEvent
from services.payment.settings import Mode
from shared import logs
from shared.contracts.payment import signature_invalid
from shared.errors import ServiceError
from shared.money import exponent

log = logging.getLogger(__name__)

MILLISECONDS = 1000
LONGEST = 200
"""Of an id or a status; theirs have less than 40 signs."""


class TapWebhookReader:
    """Reads posts about charges and refunds."""

    def __init__(self, secret_key: str, mode: Mode) -> None:
        self._secret_key = secret_key
        self._is_live = mode is Mode.LIVE

    def __call__(self, body: bytes, signature: str) -> WebhookEvent:
        """The event, without its payload. Raises `signature_invalid`."""
        try:
            posted = json.loads(body, parse_float=Decimal)
            expected = hashstring(posted, self._secret_key)
        except (
            KeyError,
            TypeError,
            ValueError,
            ArithmeticError,
            AttributeError,
            RecursionError,
            ServiceError,
        ):
            raise _refused("not_an_object") from None
        if not hmac.compare_digest(expected.encode(), signature.lower().encode()):
            raise _refused("signature")
        try:
            event = _read(posted)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            raise _refused("not_an_object") from None
        if event.livemode != self._is_live:
            raise _refused("livemode")
        return event


def hashstring(posted: Mapping[str, Any], secret_key: str) -> str:
    """What Tap writes into the header of the same name. Amounts have all decimals of their currency."""
    currency, reference = _text(posted["currency"]), posted.get("reference") or {}
    amount = Decimal(posted["amount"]).quantize(Decimal(1).scaleb(-exponent(currency)))
    told = (
        f"x_id{posted['id']}x_amount{amount}x_currency{currency}"
        f"x_gateway_reference{reference.get('gateway') or ''}"
        f"x_payment_reference{reference.get('payment') or ''}"
        f"x_status{posted['status']}x_created{_created(posted)}"
    )
    return hmac.new(secret_key.encode(), told.encode(), hashlib.sha256).hexdigest()


def _created(posted: Mapping[str, Any]) -> str:
    """A charge's is in its `transaction`, a refund's in itself; milliseconds."""
    return str((posted.get("transaction") or {}).get("created") or posted["created"])


def _read(posted: Mapping[str, Any]) -> WebhookEvent:
    object_id, status = _text(posted["id"]), _text(posted["status"])
    is_refund = posted.get("object") == "refund" or "charge_id" in posted
    return WebhookEvent(
        event_id=f"tap:{object_id}:{status}",
        type=TAP_REFUND if is_refund else TAP_CHARGE,
        object_id=object_id,
        intent_id=_text(posted["charge_id"]) if is_refund else object_id,
        account=None,
        livemode=bool(posted["live_mode"]),
        api_version=None,
        stated_at=datetime.fromtimestamp(int(_created(posted)) / MILLISECONDS, UTC),
        payment_provider=PaymentProviderName.TAP,
    )


def _text(value: object) -> str:
    """What PostgreSQL can keep as text. Raises ValueError."""
    if not isinstance(value, str) or "\0" in value or not 0 < len(value) <= LONGEST:
        raise ValueError("not a text")
    return value


def _refused(why: str) -> Exception:
    logs.event(log, logging.WARNING, "webhook_refused", why=why, payment_provider="tap")
    return signature_invalid()
