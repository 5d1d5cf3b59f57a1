"""Decisions of operators and administrators about a refund that does not go on by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.payment.domain import refund_postings
from services.payment.domain.refunds import STOPPED, UNSENT, RefundStatus
from services.payment.store import ledger, payments, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment, Refund
from services.payment.usecases.administrator import administrator_of
from services.payment.usecases.desk import Desk
from services.payment.usecases.provider_money import account_of_share, keep_due
from services.payment.usecases.refund_views import refund_view
from services.payment.usecases.refunds_due import REFUND_JOB, send_soon
from services.payment.usecases.settle_refunds import FEE_JOB
from shared.contracts.declaration import Caller
from shared.contracts.payment_refunds import RETRY_REFUND, refund_not_blocked, refund_not_failed
from shared.database.idempotency import IdempotentRequest, run_once
from shared.database.transaction import Transaction, read_app_now


def retry_refund(transaction: Transaction, refund_id: str) -> Refund:
    """Let a refund go on: begun anew when it failed or is blocked, else its parked job, or its commission's.

    Raises `not_found`, and `refund_not_failed` when it is accepted or its job still goes on.
    """
    with transaction() as connection:
        return _go_on(connection, refund_id, without_reversal=False)


def decide_refund(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The same as an administrator's command, once per key (RefundRecordSchema).

    `without_reversal`: the platform gives a blocked refund alone, and the provider owes its part from then
    on. Raises like `retry_refund`, and `refund_not_blocked`.
    """
    administrator_of(caller)
    key = IdempotentRequest.of(RETRY_REFUND, caller, request)

    def decide() -> dict[str, Any]:
        refund = _go_on(connection, request["refund_id"], without_reversal=request["without_reversal"])
        return refund_view(payments.by_id(connection, refund.payment_id), refund)

    with desk.transaction() as connection:
        return run_once(connection, key, decide)


def _go_on(connection: Connection, refund_id: str, *, without_reversal: bool) -> Refund:
    payment = lock_payment(connection, refunds.by_id(connection, refund_id).payment_id)
    refund = refunds.by_id(connection, refund_id)
    now = read_app_now(connection)
    if without_reversal:
        refund = _take_over(connection, payment, refund, now)
    if refund.status in STOPPED:
        values = {"status": RefundStatus.DUE, "provider_refund_id": None, "failure_code": None}
        refund = refunds.change(connection, refund, values | {"attempt": refund.attempt + 1}, now)
        send_soon(connection, refund, now)
        return refund
    kind = REFUND_JOB if refund.status in UNSENT else FEE_JOB
    if not refunds.revive_job(connection, kind, refund, now):
        raise refund_not_failed(refund_id=refund.id, status=refund.status.value)
    return refund


def _take_over(connection: Connection, payment: Payment, refund: Refund, now: datetime) -> Refund:
    """The transfer is never reversed for this refund: what the provider would have given, it owes."""
    if refund.status is not RefundStatus.BLOCKED:
        raise refund_not_blocked(refund_id=refund.id, status=refund.status.value)
    share = account_of_share(connection, payment)
    parts = refund.parts(payment.currency)
    booked = refund_postings.receivable_booked(parts, refund.id, payment.provider_id, share)
    ledger.post(connection, payment, booked, now)
    keep_due(connection, payment, now)
    return refunds.change(connection, refund, {"reverses_transfer": False}, now)
