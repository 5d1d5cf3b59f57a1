"""The end of a dispute: lost money has its bearers, and what waited goes on (rule M14)."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from services.payment.domain import dispute_postings
from services.payment.domain.disputes import DisputeStatus, loss_of, still_owed
from services.payment.domain.refunds import COVERABLE, UNSENT, RefundParts, RefundStatus, sum_of
from services.payment.store import disputes, ledger, refunds
from services.payment.store.rows import Dispute, Payment, Refund
from services.payment.usecases.dispute_views import tell_closed
from services.payment.usecases.provider_money import account_of_share, keep_due
from services.payment.usecases.refunds_due import (
    Occasion,
    owe_what_is_left,
    refunded_or_owed,
    send_after_dispute,
)
from shared import logs
from shared.errors import request_in_progress
from shared.money import Money

log = logging.getLogger(__name__)

AFTER = "dispute_lost"


def settle(connection: Connection, payment: Payment, dispute: Dispute, now: datetime) -> Dispute:
    """Close a dispute of a locked payment, with each status that closes it: post what was lost, let waiting
    refunds go on. Closed is not the end: a question may be answered by a loss, and a bank may think again."""
    if dispute.status is DisputeStatus.LOST:
        dispute = _lose(connection, payment, dispute, now)
    if not disputes.is_open(connection, payment.id):
        for refund in refunds.of_payment(connection, payment.id):
            if refund.status in UNSENT:
                send_after_dispute(connection, refund, dispute, now)
    tell_closed(connection, payment, dispute, now)
    return dispute


def _lose(connection: Connection, payment: Payment, dispute: Dispute, now: datetime) -> Dispute:
    """What the bank gave the customer is owed no more; the rest of it is borne like a refund.

    Nothing was taken where Stripe shows no movement: then nothing is lost.
    """
    taken = sum(one.taken.amount for one in disputes.movements_of(connection, dispute))
    if taken <= 0:
        return dispute
    amount = Money(taken, payment.currency)
    if any(one.status is RefundStatus.CLAIMED for one in refunds.of_payment(connection, payment.id)):
        raise request_in_progress("A refund of this payment is under way.")
    covered = _cover(connection, payment, now)
    loss = loss_of(payment.taken, refunded_or_owed(connection, payment), amount)
    share = account_of_share(connection, payment)
    ledger.post(connection, payment, dispute_postings.dispute_lost(loss, dispute.id, share), now)
    keep_due(connection, payment, now)
    values = {
        "lost_service_amount": loss.parts.service.amount,
        "lost_tip_amount": loss.parts.tip.amount,
        "lost_commission_amount": loss.parts.commission.amount,
        "lost_excess_amount": loss.excess.amount,
    }
    dispute = disputes.change(connection, dispute.id, values, now)
    if covered:
        owed = sum_of((one.parts(payment.currency) for one in covered), payment.currency)
        _owe_the_rest(connection, payment, dispute, covered[0].cause, still_owed(owed, amount), now)
    if loss.excess.amount:
        logs.event(log, logging.ERROR, "dispute_took_more_than_was_left", dispute=dispute.id)
    return dispute


def _cover(connection: Connection, payment: Payment, now: datetime) -> list[Refund]:
    """Refunds that nobody has sent: owed no more, each by a posting of its own."""
    share = account_of_share(connection, payment)
    covered = [one for one in refunds.of_payment(connection, payment.id) if one.status in COVERABLE]
    for refund in covered:
        parts: RefundParts = refund.parts(payment.currency)
        ledger.post(connection, payment, dispute_postings.refund_covered(parts, refund.id, share), now)
        refunds.change(connection, refund, {"status": RefundStatus.COVERED}, now)
        logs.event(log, logging.WARNING, "refund_covered", refund_id=refund.id, payment_id=payment.id)
    return covered


def _owe_the_rest(
    connection: Connection,
    payment: Payment,
    dispute: Dispute,
    cause: str | None,
    rest: tuple[Money, Money],
    now: datetime,
) -> None:
    """More was owed than the bank gave: the difference is owed as before, as far as something is left."""
    owe_what_is_left(connection, payment, Occasion(f"{AFTER}:{dispute.id}", cause), rest, now)
