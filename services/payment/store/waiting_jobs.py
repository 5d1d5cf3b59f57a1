"""What the job table says beside its queue: whether something was asked for, and old rounds to forget."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from services.payment.store.tables import job
from shared.database.batches import delete_some
from shared.messages.job_statements import JobState


def is_asked_for(connection: Connection, kind: str, key: str) -> bool:
    """Whether there is such a job, in whatever state."""
    query = select(job.c.id).where(job.c.kind == kind, job.c.key == key)
    return connection.execute(query).first() is not None


def forget_done(connection: Connection, kinds: Collection[str], before: datetime) -> None:
    """Delete some jobs of these kinds that are done and were written before an instant."""
    delete_some(
        connection, job, job.c.kind.in_(kinds), job.c.state == JobState.DONE, job.c.created_at < before
    )
