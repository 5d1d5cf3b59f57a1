"""An administrator gives a payment back, in whole or in part: shown first, then exactly that or nothing."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from services.payment.domain.refund_previews import RefundPreview, preview_of, shared_out
from services.payment.store import payments, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment
from services.payment.usecases.administrator import administrator_of
from services.payment.usecases.desk import Desk
from services.payment.usecases.refund_views import preview_id, preview_view, refund_view
from services.payment.usecases.refunds_due import (
    Occasion,
    checked_parts,
    owe,
    refunded_or_owed,
    refuse_in_dispute,
)
from shared.contracts.declaration import Caller, write
from shared.contracts.payment_refunds import REFUND_PAYMENT, not_captured, preview_changed
from shared.contracts.payment_refunds_forms import RefundPreviewSchema
from shared.database.idempotency import IdempotentRequest, run_once
from shared.database.transaction import read_app_now
from shared.errors import idempotency_key_reused, invalid_field
from shared.money import Money, parse_major

CAUSE = "administrator"


def preview_refund(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """What the refund would move now (RefundPreviewSchema).

    Raises `not_found`, `not_captured`, `amount_precision`, `validation_failed`, `refund_exceeds_payment`.
    """
    administrator_of(caller)
    with desk.transaction() as connection:
        payment = payments.by_id(connection, request["payment_id"])
        return preview_view(_preview(connection, payment, request))


def refund_payment(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Owe the previewed refund, once per key; a job sends it (RefundRecordSchema).

    Raises like `preview_refund`, and `preview_changed` with the preview of now when that is another than
    the one that was shown (rule B3).
    """
    administrator_of(caller)
    key = IdempotentRequest.of(REFUND_PAYMENT, caller, request)
    with desk.transaction() as connection:
        return run_once(connection, key, lambda: _refund(connection, request, caller))


def _refund(connection: Connection, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    payment = lock_payment(connection, request["payment_id"])
    preview = _preview(connection, payment, request)
    if preview_id(preview) != request["preview_id"]:
        raise preview_changed(preview=write(RefundPreviewSchema, preview_view(preview)))
    key = f"{CAUSE}:{caller.user_id}:{request['idempotency_key']}"
    if refunds.by_request(connection, payment.id, key) is not None:
        raise idempotency_key_reused()
    occasion = Occasion(key, CAUSE, reason=request["reason"], requested_by=caller.user_id)
    owed = owe(connection, payment, occasion, preview.parts, read_app_now(connection))
    return refund_view(payment, owed)


def _preview(connection: Connection, payment: Payment, request: dict[str, Any]) -> RefundPreview:
    refuse_in_dispute(connection, payment)
    so_far = refunded_or_owed(connection, payment)
    wanted = _wanted(payment, request)
    if isinstance(wanted, Money):
        wanted = shared_out(wanted, payment.taken, so_far)
    checked_parts(payment, so_far, *wanted)
    return preview_of(payment.id, payment.booking_id, payment.taken, so_far, wanted)


def _wanted(payment: Payment, request: dict[str, Any]) -> Money | tuple[Money, Money]:
    """The amount, or its service and tip part; written in major units of the payment's currency."""
    if not payment.captured_amount:
        raise not_captured(payment_id=payment.id)
    amount, service, tip = (request[name] for name in ("amount", "service_amount", "tip_amount"))
    if (amount is None) == (service is None and tip is None):
        raise invalid_field("amount", "Either this or the two parts.")
    if amount is not None:
        return _money(amount, payment.currency)
    return _money(service, payment.currency), _money(tip, payment.currency)


def _money(amount: Decimal | None, currency: str) -> Money:
    if amount is None:
        return Money(0, currency)
    if amount < 0:
        raise invalid_field("amount", "Must not be below zero.")
    return parse_major(amount, currency)
