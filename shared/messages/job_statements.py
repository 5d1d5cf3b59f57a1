"""The statements of the job table, made once: to put one together costs as much as to run it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Interval, Table, and_, bindparam, func, or_, select, text, update
from sqlalchemy.sql.dml import ReturningUpdate

from shared.database.session import unread


class JobState(StrEnum):
    """waiting -> running -> done | waiting (again later) | parked (an operator decides)."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


ANY_DUE = text(f"""
SELECT EXISTS (
    SELECT FROM job WHERE state IN ('{JobState.WAITING}', '{JobState.RUNNING}')
        AND run_at <= (SELECT app_now())
        AND (state = '{JobState.WAITING}' OR lease_until < (SELECT app_now()))
)
""")
"""Something in the table that every service has is due, or its process died. The subqueries are read once, so
that the index is found by them."""


ENQUEUE = unread(
    """
INSERT INTO job (id, kind, key, payload, state, run_at, trace)
VALUES (%(id)s, %(kind)s, %(key)s, %(payload)s, %(state)s, %(run_at)s, %(trace)s)
ON CONFLICT (kind, key) DO NOTHING
""",
    id="uuid",
    **dict.fromkeys(("kind", "key", "state"), "varchar"),
    **dict.fromkeys(("payload", "trace"), "jsonb"),
    run_at="timestamptz",
)
"""A job, unless it is there already, in the table that every service has."""


def claim_one(table: Table, kinds: Sequence[str]) -> ReturningUpdate[Any]:
    """The job that is due first and that nobody works on, leased for `lease`, its parameter."""
    jobs = table.c
    now: Any = select(func.app_now(type_=DateTime(timezone=True))).scalar_subquery()
    until = now + bindparam("lease", type_=Interval())
    due = or_(
        and_(jobs.state == JobState.WAITING, jobs.run_at <= now),
        and_(jobs.state == JobState.RUNNING, jobs.lease_until < now),
    )
    chosen = (
        select(jobs.id)
        .where(due, jobs.kind.in_(kinds))
        .order_by(jobs.run_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        update(table)
        .where(jobs.id == chosen.scalar_subquery())
        .values(state=JobState.RUNNING, lease_until=until, attempts=jobs.attempts + 1)
        .returning(jobs.id, jobs.kind, jobs.key, jobs.payload, jobs.attempts, jobs.trace)
    )
