"""Tells the metrics what is open: refunds, payouts, jobs that wait, jobs for an operator (promise I1)."""

from collections.abc import Collection
from datetime import timedelta

from services.payment.domain.authorization import MARGIN
from services.payment.domain.disputes import OPEN as OPEN_DISPUTES
from services.payment.domain.payouts import MOVING, PayoutState
from services.payment.domain.refunds import UNSENT, RefundStatus
from services.payment.store import disputes, payments, payouts
from services.payment.store.open_refunds import open_refunds
from shared.database.transaction import Transaction, read_app_now
from shared.messages.job_backlog import measure_jobs
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

LATE = timedelta(hours=1)
"""So long after its last moment a hold should be taken; the reconciler looks every few minutes."""
URGENT = timedelta(days=3)
"""A dispute without evidence is lost: so long before its time for it ends somebody has to be told."""
OPEN = tuple(
    status for status in RefundStatus if status not in (RefundStatus.SUCCEEDED, RefundStatus.COVERED)
)
begin_at_zero(metrics.refunds_moved, status=(s for s in RefundStatus if s is not RefundStatus.CLAIMED))


def measure_open_work(transaction: Transaction, kinds_of_jobs: Collection[str]) -> None:
    """Every process says the same: the figures are of the service, not of the process."""
    with transaction() as connection:
        found = open_refunds(connection)
        moving = payouts.moving(connection)
        disputed = disputes.open_by_status(connection)
        urgent = disputes.count_awaiting_evidence_until(connection, read_app_now(connection) + URGENT)
        measure_jobs(connection, kinds_of_jobs)
        late = payments.count_held_until(connection, read_app_now(connection) + MARGIN - LATE)
    metrics.authorizations_late.set(late)
    for status in OPEN:
        count = found[status].count if status in found else 0
        metrics.refunds_open.labels(status=status.value).set(count)
    for name in sorted(OPEN_DISPUTES):
        metrics.disputes_open.labels(status=name.value).set(disputed.get(name, 0))
    metrics.disputes_urgent.set(urgent)
    unsent = [refunds.oldest_seconds for status, refunds in found.items() if status in UNSENT]
    metrics.refunds_unsent_seconds.set(max(unsent, default=0.0))
    for state in sorted(MOVING):
        metrics.payouts_open.labels(status=state.value).set(moving[state].count if state in moving else 0)
    created = moving.get(PayoutState.CREATED)
    metrics.payouts_unsent_seconds.set(created.oldest_seconds if created else 0.0)
