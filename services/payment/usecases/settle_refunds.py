"""What the provider of payments says of a refund, applied once, forward only, under the payment's lock."""

import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError
from services.payment.domain import refund_postings
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.document_numbers import Series
from services.payment.domain.refunds import (
    ACCEPTED,
    RESCHEDULED,
    RefundObservation,
    RefundParts,
    RefundStatus,
    later,
)
from services.payment.domain.states import State
from services.payment.store import documents, ledger, operations, payments, refunds
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment, Refund
from services.payment.usecases.desk import Desk
from services.payment.usecases.views import refund_event
from shared import logs
from shared.contracts.payment import currency_mismatch
from shared.database.transaction import read_app_now, when_committed
from shared.errors import unavailable
from shared.messages import jobs, outbox
from shared.money import Money
from shared.telemetry import metrics

log = logging.getLogger(__name__)

FEE_JOB = "return_commission"


def look_at_refunds(desk: Desk, payment: Payment) -> list[RefundObservation]:
    """Ask for all refunds of a payment and apply each that is ours. Raises `unavailable`.

    Those that we did not make are logged and returned with the rest: nothing is changed for them.
    """
    if payment.intent_id is None:
        return []
    with desk.reading() as connection:
        known = refunds.references_of(connection, payment.id)
    try:
        seen = desk.provider_of(payment).refunds.refunds_of(payment.intent_id, known)
    except ProviderError as error:
        raise unavailable(retry_after=1) from error
    with desk.transaction() as connection:
        now = read_app_now(connection)
        for one in seen:
            apply_refund(connection, payment.id, one, now, desk.operator_zone)
    return seen


def apply_refund(
    connection: Connection, payment_id: str, seen: RefundObservation, now: datetime, zone: ZoneInfo
) -> None:
    """Apply an observation to the refund that it names; the same or an older one changes nothing.

    Accepted: owed no more, and refunded so far rises. Failed after that: put back and owed again
    (rule M12). `zone` is the operator's, whose year the credit note's number has. Raises
    `currency_mismatch` for other money than was ordered.
    """
    payment = lock_payment(connection, payment_id)
    refund = _named(connection, payment, seen)
    if refund is None or seen.attempt != refund.attempt:
        return
    parts = refund.parts(payment.currency)
    if (seen.amount, seen.currency) != (provider_amount(parts.total), payment.currency.lower()):
        logs.event(log, logging.ERROR, "refund_is_not_the_one_ordered", refund_id=refund.id)
        raise currency_mismatch(payment_id=payment.id)
    operations.note_refund_made(connection, refund.id, refund.attempt)
    status = later(refund.status, seen.status)
    if status is refund.status:
        return
    values = {
        "status": status,
        "provider_refund_id": seen.provider_refund_id,
        "failure_code": seen.failure_code,
    }
    after = refunds.change(connection, refund, values, now)
    _settle(connection, payment, refund, after, now)
    if status in ACCEPTED:
        documents.issue(connection, Series.CREDIT_NOTE, after.id, payment.id, now, zone)


def fail_unsent(connection: Connection, payment: Payment, refund: Refund, code: str, now: datetime) -> None:
    """The provider refused the refund: it stays owed, and a human decides. `payment` is locked."""
    failed = refunds.change(connection, refund, {"status": RefundStatus.FAILED, "failure_code": code}, now)
    _settle(connection, payment, refund, failed, now)


def block_unsent(connection: Connection, payment: Payment, refund: Refund, code: str, now: datetime) -> None:
    """The provider's account can't give the refund: it stays owed, nothing was sent, and nobody is told
    before an administrator has decided (rule M13). `payment` is locked."""
    refunds.change(connection, refund, {"status": RefundStatus.BLOCKED, "failure_code": code}, now)
    when_committed(connection, metrics.refunds_moved.labels(status=RefundStatus.BLOCKED.value).inc)
    logs.event(log, logging.ERROR, "refund_blocked", refund_id=refund.id, payment_id=payment.id)


def _named(connection: Connection, payment: Payment, seen: RefundObservation) -> Refund | None:
    mine = {one.id: one for one in refunds.of_payment(connection, payment.id)}
    if seen.our_id not in mine:
        logs.event(
            log, logging.ERROR, "refund_not_ours", payment_id=payment.id, refund=seen.provider_refund_id
        )
        return None
    return mine[seen.our_id]


def _settle(connection: Connection, payment: Payment, before: Refund, after: Refund, now: datetime) -> None:
    parts, reference = after.parts(payment.currency), after.provider_refund_id or ""
    refunded = payment.refunded
    if before.status not in ACCEPTED and after.status in ACCEPTED:
        sent = refund_postings.refund_sent(parts, after.id, after.attempt, reference, payment.clearing)
        ledger.post(connection, payment, sent, now)
        refunded += parts
        is_asked_back = after.reverses_transfer and payment.can.shares_are_moved_by_the_provider
        if parts.commission.amount and is_asked_back:
            jobs.enqueue(connection, FEE_JOB, f"{after.id}:{after.attempt}", {"refund_id": after.id}, now)
    if before.status in ACCEPTED and after.status not in ACCEPTED:
        ledger.post(
            connection,
            payment,
            refund_postings.refund_put_back(parts, after.id, after.attempt, reference, payment.clearing),
            now,
        )
        refunded -= parts
    changed = payments.change(connection, payment, _refunded_values(payment, refunded), now)
    outbox.append(connection, refund_event(changed, after, _for_moves(connection, payment), now))
    when_committed(connection, metrics.refunds_moved.labels(status=after.status.value).inc)
    level = logging.ERROR if after.status is RefundStatus.FAILED else logging.INFO
    logs.event(log, level, "refund_moved", refund_id=after.id, status=after.status.value)


def _for_moves(connection: Connection, payment: Payment) -> Money:
    """What was accepted so far because the visit costs less where it was moved to."""
    known = refunds.of_payment(connection, payment.id)
    given = (one for one in known if one.cause == RESCHEDULED and one.status in ACCEPTED)
    return Money(sum(one.service_amount for one in given), payment.currency)


def _refunded_values(payment: Payment, refunded: RefundParts) -> dict[str, Any]:
    """The state follows the sum, back too: it is not an observation but a result."""
    total = refunded.total.amount
    state = State.PARTIALLY_REFUNDED if total else State.CAPTURED
    return {
        "state": State.REFUNDED if total == payment.captured_amount else state,
        "refunded_amount": total,
        "refunded_service_amount": refunded.service.amount,
        "refunded_tip_amount": refunded.tip.amount,
        "commission_returned_amount": refunded.commission.amount,
    }
