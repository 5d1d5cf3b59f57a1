"""Tells the metrics what is open: refunds, payouts, jobs that wait, jobs for an operator (promise I1)."""

from collections.abc import Collection

from services.payment.domain.disputes import OPEN as OPEN_DISPUTES
from services.payment.domain.payouts import MOVING, PayoutState
from services.payment.domain.refunds import UNSENT, RefundStatus
from services.payment.store import disputes, payouts
from services.payment.store.open_refunds import open_refunds
from shared.database.transaction import Transaction
from shared.messages.job_backlog import measure_jobs
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

OPEN = tuple(
    status for status in RefundStatus if status not in (RefundStatus.SUCCEEDED, RefundStatus.COVERED)
)
begin_at_zero(metrics.refunds_moved, status=(s for s in RefundStatus if s is not RefundStatus.CLAIMED))


def measure_open_work(transaction: Transaction, kinds_of_jobs: Collection[str]) -> None:
    """Every process says the same: the figures are of the service, not of the process."""
    with transaction() as connection:
        found = open_refunds(connection)
        moving = payouts.moving(connection)
        disputed, evidence_due = disputes.open_by_status(connection), disputes.seconds_to_evidence(connection)
        measure_jobs(connection, kinds_of_jobs)
    for status in OPEN:
        count = found[status].count if status in found else 0
        metrics.refunds_open.labels(status=status.value).set(count)
    for name in sorted(OPEN_DISPUTES):
        metrics.disputes_open.labels(status=name.value).set(disputed.get(name, 0))
    metrics.dispute_evidence_due_seconds.set(evidence_due)
    unsent = [refunds.oldest_seconds for status, refunds in found.items() if status in UNSENT]
    metrics.refunds_unsent_seconds.set(max(unsent, default=0.0))
    for state in sorted(MOVING):
        metrics.payouts_open.labels(status=state.value).set(moving[state].count if state in moving else 0)
    created = moving.get(PayoutState.CREATED)
    metrics.payouts_unsent_seconds.set(created.oldest_seconds if created else 0.0)
