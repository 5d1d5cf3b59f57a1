"""What the job table says beside its queue: whether something was asked for, what to take back or forget."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from services.payment.store.tables import job
from shared.database.batches import delete_some
from shared.database.session import send_with_next, unread
from shared.messages.job_statements import JobState

# That it waits is said by what it is not: else the index of what is due would be read, however long it is.
_BEGUN = ", ".join(f"'{state}'" for state in JobState if state is not JobState.WAITING)
_TAKE_BACK = unread(
    f"DELETE FROM job WHERE kind = %(kind)s AND key = %(key)s AND state NOT IN ({_BEGUN})",
    kind="varchar",
    key="varchar",
)


def is_asked_for(connection: Connection, kind: str, key: str) -> bool:
    """Whether there is such a job, in whatever state."""
    query = select(job.c.id).where(job.c.kind == kind, job.c.key == key)
    return connection.execute(query).first() is not None


def take_back(connection: Connection, kind: str, key: str) -> None:
    """Delete this job when it still waits: what it is for has been done. One that somebody works goes on."""
    send_with_next(connection, _TAKE_BACK, {"kind": kind, "key": key})


def forget_done(connection: Connection, kinds: Collection[str], before: datetime) -> None:
    """Delete some jobs of these kinds that are done and were written before an instant."""
    delete_some(
        connection, job, job.c.kind.in_(kinds), job.c.state == JobState.DONE, job.c.created_at < before
    )
