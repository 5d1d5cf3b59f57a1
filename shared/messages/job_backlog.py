"""What waits in a service's table of jobs: how long, and what an operator has to look at."""

from collections.abc import Collection

from sqlalchemy import Connection, Table, func, select

from shared.database import schema
from shared.messages.job_statements import JobState
from shared.messages.tables import job_table
from shared.telemetry import metrics


def measure_jobs(connection: Connection, kinds: Collection[str], table: Table | None = None) -> None:
    """Set the gauges of these kinds. Both questions are answered by a partial index."""
    jobs = (_default_table if table is None else table).c
    waiting = (
        select(func.extract("epoch", func.app_now() - jobs.run_at))
        .where(jobs.state == JobState.WAITING)
        .order_by(jobs.run_at)
        .limit(1)
    )
    seconds = connection.execute(waiting).scalar()
    metrics.jobs_overdue_seconds.set(max(0.0, float(seconds or 0)))
    parked = select(jobs.kind, func.count()).where(jobs.state == JobState.PARKED).group_by(jobs.kind)
    counts = {kind: int(count) for kind, count in connection.execute(parked)}
    for kind in {*kinds, *counts}:
        metrics.jobs_parked.labels(kind=kind).set(counts.get(kind, 0))


_default_table = job_table(schema.metadata())
