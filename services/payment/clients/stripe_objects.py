"""Reads Stripe's objects into our form, once, so that no other code knows their shapes."""

from datetime import UTC, datetime
from typing import Any

import stripe

from services.payment.clients.standin_capabilities import captured_of
from services.payment.domain.declines import Failure, reason_of
from services.payment.domain.observation import IntentStatus, NextAction, Observation, ProcessingFee
from shared.contracts.payment import card_declined


def observe(intent: stripe.PaymentIntent) -> Observation:
    """A PaymentIntent as an observation.

    `latest_charge` is an id or an object, as asked for and by whom; `amount_received` is absent
    in the stand-in, whose charge says it.
    """
    values: dict[str, Any] = intent.to_dict()
    status = IntentStatus(values["status"])
    charge = _charge(values.get("latest_charge"))
    received = values.get("amount_received")
    if received is None:
        received = captured_of(values["amount"], charge) if status is IntentStatus.SUCCEEDED else 0
    return Observation(
        intent_id=values["id"],
        status=status,
        amount=values["amount"],
        amount_received=received,
        currency=values["currency"],
        payment_id=(values.get("metadata") or {}).get("payment_id"),
        charge_id=charge.get("id"),
        receipt_url=charge.get("receipt_url"),
        wallet=_wallet(charge),
        application_fee_id=_id(charge.get("application_fee")),
        capture_before=_capture_before(charge),
        processing_fee=_processing_fee(charge.get("balance_transaction")),
        failure=_failure(values.get("last_payment_error")),
        next_action=_next_action(values.get("next_action")),
        client_secret=values.get("client_secret"),
    )


def _charge(latest_charge: Any) -> dict[str, Any]:
    if isinstance(latest_charge, str):
        return {"id": latest_charge}
    return dict(latest_charge) if latest_charge else {}


def _id(value: Any) -> str | None:
    """An object that comes as an id, or whole where it was asked for."""
    found = value["id"] if isinstance(value, dict) else value
    return str(found) if found else None


def _card(charge: dict[str, Any]) -> dict[str, Any]:
    return (charge.get("payment_method_details") or {}).get("card") or {}


def _capture_before(charge: dict[str, Any]) -> datetime | None:
    """When the card's bank lets the hold go; told of a charge that is not captured."""
    stamp = _card(charge).get("capture_before")
    return datetime.fromtimestamp(stamp, UTC) if stamp else None


def _processing_fee(transaction: Any) -> ProcessingFee | None:
    """What Stripe keeps; unknown until the charge is settled, or when only its id is told."""
    if not isinstance(transaction, dict):
        return None
    return ProcessingFee(transaction["id"], transaction["fee"], transaction["currency"].upper())


def _wallet(charge: dict[str, Any]) -> str | None:
    wallet = _card(charge).get("wallet") or {}
    kind = wallet.get("type")
    return str(kind) if kind else None


def _failure(error: Any) -> Failure | None:
    if not error:
        return None
    return Failure(card_declined.code, reason_of(error.get("code"), error.get("decline_code")))


def _next_action(action: Any) -> NextAction | None:
    if not action:
        return None
    redirect = action.get("redirect_to_url") or {}
    return NextAction(action["type"], redirect.get("url"))
