"""What Stripe says of a dispute, applied once, forward only, under the payment's lock (rules M14 and W2)."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError
from services.payment.domain import dispute_postings
from services.payment.domain.disputes import CLOSED, DisputeObservation, DisputeStatus, later
from services.payment.store import disputes, ledger
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Dispute, Payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.dispute_views import tell_disputed
from services.payment.usecases.return_transfers import ask_for_transfers
from services.payment.usecases.settle_disputes import settle
from services.payment.usecases.unsent_refunds import resolve_claimed
from shared import logs
from shared.contracts.payment import currency_mismatch
from shared.database.transaction import read_app_now, when_committed
from shared.errors import unavailable
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

begin_at_zero(metrics.disputes_moved, status=DisputeStatus)


def look_at_dispute(desk: Desk, payment: Payment, dispute_id: str) -> Dispute:
    """Ask for a dispute and make our row say what it says. Raises `unavailable`."""
    try:
        seen = desk.open_disputes().dispute(dispute_id)
    except ProviderError as error:
        raise unavailable() from error
    if seen.status is DisputeStatus.LOST:
        resolve_claimed(desk, payment)
    with desk.transaction() as connection:
        return apply_dispute(connection, payment.id, seen, read_app_now(connection))


def apply_dispute(
    connection: Connection, payment_id: str, seen: DisputeObservation, now: datetime
) -> Dispute:
    """Apply an observation; the same or an older one moves nothing.

    Raises `currency_mismatch` when the dispute is about another charge or money than this payment's.
    """
    payment = lock_payment(connection, payment_id)
    if seen.amount.currency != payment.currency or seen.intent_id not in (None, payment.intent_id):
        logs.event(log, logging.ERROR, "dispute_is_of_another_charge", dispute=seen.id)
        raise currency_mismatch(payment_id=payment.id)
    before = disputes.find(connection, seen.id)
    after = _open(connection, payment, seen, now) if before is None else _move(connection, before, seen, now)
    _post_movements(connection, payment, after, seen, now)
    if before is None or before.status is not after.status:
        when_committed(connection, metrics.disputes_moved.labels(status=after.status.value).inc)
        level = logging.ERROR if after.status is DisputeStatus.LOST else logging.WARNING
        logs.event(log, level, "dispute_moved", dispute=after.id, payment_id=payment.id, status=after.status)
    if (after.is_open and (before is None or not before.is_open)) or before is None:
        tell_disputed(connection, payment, after, now)
    if not after.is_open and (before is None or before.status is not after.status):
        after = settle(connection, payment, after, now)
    ask_for_transfers(connection, payment, after, now)
    return after


def _open(connection: Connection, payment: Payment, seen: DisputeObservation, now: datetime) -> Dispute:
    new = Dispute(
        id=seen.id,
        payment_id=payment.id,
        charge_id=seen.charge_id,
        amount=seen.amount.amount,
        currency=seen.amount.currency,
        reason=seen.reason,
        status=seen.status,
        is_charge_refundable=seen.is_charge_refundable,
        evidence_due_by=seen.evidence_due_by,
        has_evidence=seen.has_evidence,
        submissions=seen.submissions,
        opened_at=seen.opened_at,
        closed_at=now if seen.status in CLOSED else None,
        updated_at=now,
    )
    disputes.add(connection, new)
    return new


def _move(connection: Connection, old: Dispute, seen: DisputeObservation, now: datetime) -> Dispute:
    """What an older look would take back stays: a status by its rank, the rest by what was sent so far."""
    status = later(old.status, seen.status)
    is_older = status is not seen.status or seen.submissions < old.submissions
    if is_older:
        return old
    values = {
        "status": status,
        "amount": seen.amount.amount,
        "reason": seen.reason,
        "is_charge_refundable": seen.is_charge_refundable,
        "evidence_due_by": seen.evidence_due_by,
        "has_evidence": seen.has_evidence,
        "submissions": seen.submissions,
        "closed_at": (old.closed_at or now) if status in CLOSED else None,
    }
    return disputes.change(connection, old.id, values, now)


def _post_movements(
    connection: Connection, payment: Payment, dispute: Dispute, seen: DisputeObservation, now: datetime
) -> None:
    """Each movement of money once, by its own id: an old look can't hide one, nor post one twice."""
    for movement in seen.movements:
        if not disputes.add_movement(connection, dispute.id, movement, now):
            continue
        post = (
            dispute_postings.dispute_withdrawn
            if movement.taken.amount > 0
            else dispute_postings.dispute_reinstated
        )
        ledger.post(connection, payment, post(movement), now)
        ledger.post(connection, payment, dispute_postings.dispute_fee(movement), now)
