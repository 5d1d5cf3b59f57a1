"""What Stripe knows and we don't: lost webhooks, payments and refunds that stand still (rule W13)."""

import functools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.payment.clients.payment_provider import ProviderError
from services.payment.domain.authorization import MARGIN
from services.payment.domain.states import SETTLED, State
from services.payment.domain.webhook import WebhookEvent
from services.payment.store import disputes, moves, payments, payouts, refunds, waiting_jobs
from services.payment.store.locks import lock_payment
from services.payment.store.rows import Payment
from services.payment.usecases import webhooks
from services.payment.usecases.booking_moves import note_moves
from services.payment.usecases.catch_up_accounts import ACCOUNT_JOB, EVENTS_OF, enqueue_of_accounts
from services.payment.usecases.desk import Desk
from services.payment.usecases.dispute_webhooks import LOOK_AT_DISPUTE_JOB, LOOK_EVERY
from services.payment.usecases.drive import abandon, drive
from services.payment.usecases.hear_events import ABANDON_JOB
from services.payment.usecases.make_payouts import ROUND_JOB as PAYOUT_ROUND_JOB
from services.payment.usecases.operations import look
from services.payment.usecases.send_payouts import LOOK_JOB as LOOK_AT_PAYOUT_JOB
from services.payment.usecases.settle_hold import TAKE_JOB, settle
from services.payment.usecases.settle_refunds import look_at_refunds
from shared import logs
from shared.database.transaction import read_app_now, when_committed
from shared.errors import ServiceError
from shared.ids import new_id
from shared.messages import jobs
from shared.messages.jobs import Close, Job
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

ROUND_JOB = "reconcile"
LOOK_JOB = "look_again"
AT_START = "start:"
"""How the key of the round begins with which a process begins."""
ROUNDS = (
    ACCOUNT_JOB,
    LOOK_AT_DISPUTE_JOB,
    ROUND_JOB,
    LOOK_JOB,
    TAKE_JOB,
    PAYOUT_ROUND_JOB,
    LOOK_AT_PAYOUT_JOB,
)
"""Jobs that come with every round, and are forgotten after a day."""
UNSETTLED, LOST_WEBHOOK, RECONCILED, NOT_RECONCILED, EVENTS_NOT_LISTED = FINDINGS = (
    "unsettled_payment",
    "lost_webhook",
    "payment_reconciled",
    "not_reconciled",
    "events_not_listed",
)
begin_at_zero(metrics.reconciler_findings, finding=FINDINGS)
MOST_PAYMENTS = 1000
"""Of one round; at a call each this is far below Stripe's limit of requests."""
MOVES_OF = timedelta(days=7)
"""So long after a moved visit counts as done it is looked whether what it costs less is owed: a process of a
version that knows no moves may have taken its money."""
ROUNDS_KEPT = timedelta(days=1)


class Rounds:
    """Begins a round when a process starts, and then one with every period, once over all processes."""

    def __init__(self, desk: Desk, period_seconds: int, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._period_seconds = period_seconds
        self._now = now
        self._begun: int | None = None

    def begin_when_due(self) -> None:
        """Write the job of a round that is due; nothing when payments are off."""
        if self._desk.provider is None:
            return
        period = int(self._now().timestamp()) // self._period_seconds
        if period == self._begun:
            return
        key = f"{AT_START}{new_id()}" if self._begun is None else str(period)
        with self._desk.transaction() as connection:
            jobs.enqueue(connection, ROUND_JOB, key, {}, read_app_now(connection))
        self._begun = period


def reconcile(desk: Desk, job: Job) -> Close:
    """Find what stands still and what was not delivered; each is then worked by a job of its own."""
    with desk.transaction() as connection:
        now = read_app_now(connection)
        until = now - timedelta(seconds=desk.unsettled_seconds)
        lapsing = payments.held_until(connection, now + MARGIN, MOST_PAYMENTS)
        unsettled = payments.unsettled_since(connection, until, MOST_PAYMENTS)
        unsettled += payments.decided_since(connection, until, MOST_PAYMENTS)
        unsettled += refunds.payments_with_unsettled_since(connection, until, MOST_PAYMENTS)
        unsettled += moves.not_owed_since(connection, now - MOVES_OF, MOST_PAYMENTS)
        moving = payouts.moving_since(connection, until, MOST_PAYMENTS)
        forgotten = disputes.open_since(connection, until - LOOK_EVERY, MOST_PAYMENTS)
    events = _undelivered(desk, until)

    def close(connection: Connection) -> None:
        now = read_app_now(connection)
        for payment_id in lapsing:
            jobs.enqueue(connection, TAKE_JOB, f"{payment_id}:{job.key}", {"payment_id": payment_id}, now)
        for payment_id in unsettled:
            payload = {"payment_id": payment_id}
            jobs.enqueue(connection, LOOK_JOB, f"{payment_id}:{job.key}", payload, now)
        for payout_id in moving:
            payload = {"payout_id": payout_id}
            jobs.enqueue(connection, LOOK_AT_PAYOUT_JOB, f"{payout_id}:{job.key}", payload, now)
        for dispute in forgotten:
            payload = {"dispute_id": dispute.id}
            jobs.enqueue(connection, LOOK_AT_DISPUTE_JOB, f"{dispute.id}:{job.key}", payload, now)
        if job.key.startswith(AT_START):
            enqueue_of_accounts(connection, desk, job.key, now)
        found = sum(webhooks.store(connection, event) is not None for event in events)
        when_committed(connection, functools.partial(_count, UNSETTLED, len(unsettled)))
        when_committed(connection, functools.partial(_count, LOST_WEBHOOK, found))
        waiting_jobs.forget_done(connection, ROUNDS, now - ROUNDS_KEPT)
        if unsettled or found:
            logs.event(log, logging.INFO, "reconciling", payments=len(unsettled), lost_webhooks=found)

    return close


def look_again(desk: Desk, job: Job) -> Close:
    """Make one payment's row say what is true; what can't be known now is for the next round."""
    with desk.transaction() as connection:
        payment = payments.by_id(connection, job.payload["payment_id"])
        is_over = waiting_jobs.is_asked_for(connection, ABANDON_JOB, payment.id)
    try:
        after = _converge(desk, payment, is_over)
    except (ServiceError, ProviderError) as error:
        _count(NOT_RECONCILED)
        logs.event(log, logging.WARNING, "not_reconciled", payment_id=payment.id, reason=error.code)
        return _nothing_more
    if after.state is not payment.state:
        _count(RECONCILED)
        logs.event(log, logging.WARNING, "payment_reconciled", payment_id=payment.id, state=after.state.value)
    return _nothing_more


def _converge(desk: Desk, payment: Payment, is_over: bool) -> Payment:
    """Go on from where it stands. A booking that ended meanwhile wants its money's intent taken back."""
    if payment.state is State.AUTHORIZED:
        return settle(desk, payment)
    if payment.state in SETTLED:
        _owe_moves(desk, payment)
        look_at_refunds(desk, payment)
        return payment
    if is_over:
        return abandon(desk, payment)
    if payment.state is State.FAILED_RETRYABLE:
        return look(desk, payment)[0]
    return drive(desk, payment)[0]


def _owe_moves(desk: Desk, payment: Payment) -> None:
    with desk.transaction() as connection:
        note_moves(connection, lock_payment(connection, payment.id), read_app_now(connection))


def _undelivered(desk: Desk, until: datetime) -> list[WebhookEvent]:
    try:
        return desk.open_provider().undelivered_events(until - EVENTS_OF, until)
    except (ServiceError, ProviderError) as error:
        _count(EVENTS_NOT_LISTED)
        logs.event(log, logging.WARNING, "events_not_listed", reason=error.code)
        return []


def _count(finding: str, number: int = 1) -> None:
    metrics.reconciler_findings.labels(finding=finding).inc(number)


def _nothing_more(connection: Connection) -> None:
    """Everything was written step by step."""
