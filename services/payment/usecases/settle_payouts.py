"""What Stripe says of a payout, applied once, forward only, under the locks of all payments in it."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from services.payment.domain import payout_postings
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.payout_postings import PayoutPart
from services.payment.domain.payouts import ACCEPTED, PayoutLine, PayoutObservation, PayoutState, later
from services.payment.domain.postings import Posting
from services.payment.domain.shares import ShareState
from services.payment.store import ledger, payouts, shares
from services.payment.store.locks import lock_payments, lock_payout
from services.payment.store.rows import Payment, Payout
from services.payment.usecases.payout_views import payout_event
from shared import logs
from shared.contracts.payment import currency_mismatch
from shared.database.transaction import when_committed
from shared.messages import outbox
from shared.money import Money
from shared.telemetry import metrics

log = logging.getLogger(__name__)


def apply_payout(connection: Connection, payout_id: str, seen: PayoutObservation, now: datetime) -> Payout:
    """Apply an observation of a payout; the same or an older one changes nothing.

    Failed, also after it was paid: all of it is due again. Raises `currency_mismatch` for other money
    than was ordered.
    """
    lines = payouts.lines_of(connection, payout_id)
    paid_for = lock_payments(connection, [line.payment_id for line in lines])
    payout = lock_payout(connection, payout_id)
    if (seen.amount, seen.currency) != (provider_amount(payout.money), payout.currency.lower()):
        logs.event(log, logging.ERROR, "payout_is_not_the_one_ordered", payout_id=payout.id)
        raise currency_mismatch(payout_id=payout.id)
    if later(payout.state, seen.state) is payout.state:
        return payout
    values = {
        "state": seen.state,
        "provider_payout_id": seen.provider_payout_id,
        "failure_code": seen.failure_code,
    }
    after = payouts.change(connection, payout, values, now)
    _settle(connection, payout, after, list(zip(lines, paid_for, strict=True)), now)
    return after


def fail_unsent(connection: Connection, payout_id: str, code: str, now: datetime) -> None:
    """Stripe refused the payout: nothing has moved, and its money is there for the next."""
    lines = payouts.lines_of(connection, payout_id)
    paid_for = lock_payments(connection, [line.payment_id for line in lines])
    payout = lock_payout(connection, payout_id)
    if payout.state is not PayoutState.CREATED:
        return
    values = {"state": PayoutState.FAILED, "failure_code": code}
    after = payouts.change(connection, payout, values, now)
    _settle(connection, payout, after, list(zip(lines, paid_for, strict=True)), now)


def part_of(payout: Payout, line: PayoutLine) -> PayoutPart:
    """One payment's line as the ledger knows it."""
    return PayoutPart(
        payout_id=payout.id,
        payment_id=line.payment_id,
        provider_id=payout.provider_id,
        due=Money(line.due, payout.currency),
        netted=Money(line.netted, payout.currency),
        reference=payout.provider_payout_id or "",
    )


def _settle(
    connection: Connection,
    before: Payout,
    after: Payout,
    lines: list[tuple[PayoutLine, Payment]],
    now: datetime,
) -> None:
    for line, payment in lines:
        for posting in _postings(part_of(after, line), before.state, after.state):
            ledger.post(connection, payment, posting, now)
        if after.state is PayoutState.FAILED and line.due:
            shares.change(connection, payment.id, {"state": ShareState.RELEASED, "is_due": True}, now)
    outbox.append(connection, payout_event(after, len(lines), now))
    when_committed(connection, metrics.payouts_moved.labels(status=after.state.value).inc)
    level = logging.ERROR if after.state is PayoutState.FAILED else logging.INFO
    logs.event(log, level, "payout_moved", payout_id=after.id, status=after.state.value)


def _postings(part: PayoutPart, before: PayoutState, after: PayoutState) -> list[Posting]:
    """What a line moves on the way from one state to another; a failure before Stripe took it on, nothing."""
    posted: list[Posting] = []
    if before not in ACCEPTED and after in ACCEPTED:
        posted += [payout_postings.receivable_netted(part), payout_postings.payout_sent(part)]
    if after is PayoutState.PAID:
        posted.append(payout_postings.payout_paid(part))
    if before in ACCEPTED and after is PayoutState.FAILED:
        was_paid = before is PayoutState.PAID
        posted += [
            payout_postings.payout_put_back(part, was_paid=was_paid),
            payout_postings.receivable_booked(part),
        ]
    return posted
