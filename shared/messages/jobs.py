"""Work for the world outside: claimed in one transaction, done in none, closed in a second."""

import logging
import math
import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from opentelemetry.trace import Span, get_current_span
from sqlalchemy import Connection, Table, update

from shared import clock, logs
from shared.database import schema
from shared.database.batches import delete_some
from shared.database.session import send_with_next
from shared.database.transaction import Transaction, read_app_now
from shared.errors import ServiceError
from shared.fault_points import doing, fault_point
from shared.ids import new_id
from shared.messages import job_statements
from shared.messages.job_statements import JobState
from shared.messages.tables import job_table
from shared.telemetry import attributes as names
from shared.telemetry import metrics, tracing
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
"""Longer than any call of a handler may take; a job whose process died is tried again after it."""
MAX_ATTEMPTS = 12
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 3600
"""Twelve attempts, doubling from 5 s to an hour, span about five hours."""
CLAIMED = "claimed"
"""Fault point: the job is this process's, and nothing is done of it."""
LEASE_LAPSED = "lease_lapsed"
"""Why a job is parked whose process died, or hung, at each of its attempts."""


@dataclass(frozen=True)
class Job:
    """A claimed job. `key` is what makes its effect outside happen once; `attempt` counts from 1."""

    id: str
    kind: str
    key: str
    payload: dict[str, Any]
    attempt: int
    trace: Mapping[str, str] = field(default_factory=dict)
    """The context of who enqueued it; each attempt is a trace of its own that links to it."""


Close = Callable[[Connection], None]
"""Writes what came of a job, in the transaction that closes it."""

Handler = Callable[[Job], Close]
"""Does the work outside of any transaction. A repeat has the same key and must have no second effect."""


class JobRefusedError(Exception):
    """Repeating can't help: the job is parked at once. `reason` is a code without personal data."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def enqueue(
    connection: Connection,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    run_at: datetime,
) -> None:
    """Write a job in the transaction of what asks for it, unless this kind and key are there already."""
    written = values(kind, key, payload) | {"run_at": run_at}
    for name in ("payload", "trace"):
        written[name] = orjson.dumps(written[name]).decode()
    send_with_next(connection, job_statements.ENQUEUE, written)


def values(kind: str, key: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a new job, but for when it is due."""
    return {
        "id": new_id(),
        "kind": kind,
        "key": key,
        "payload": dict(payload),
        "trace": tracing.inject(),
        "state": JobState.WAITING,
    }


def table_of(table: Table | None) -> Table:
    """The given table, or the one that every service has."""
    return _default_table if table is None else table


class JobRunner:
    """Runs the jobs of a service's table; call `run_due` from a timer in as many processes as you like."""

    def __init__(
        self,
        transaction: Transaction,
        handlers: Mapping[str, Handler],
        *,
        table: Table | None = None,
        lease_seconds: float = LEASE_SECONDS,
        max_attempts: int = MAX_ATTEMPTS,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._transaction = transaction
        self._handlers = dict(handlers)
        self._table = table_of(table)
        self._lease = timedelta(seconds=lease_seconds)
        self._claiming = job_statements.claim_one(self._table, [*self._handlers])
        self._max_attempts = max_attempts
        self._chance = chance
        begin_at_zero(metrics.jobs_finished, kind=self._handlers, outcome=("done", "retried", "parked"))

    def run_due(self, limit: int = 10, seconds: float = math.inf) -> int:
        """Claim and run due jobs, one at a time, until none or `limit` are done; returns how many ran.

        One at a time, so that no lease lapses while a job waits for its neighbour. After `seconds` no
        other job is begun: a process that stops waits for the run, however long the queue is.
        """
        until = clock.monotonic() + seconds
        for count in range(limit):
            if count and clock.monotonic() >= until:
                return count
            job = self._claim()
            if job is None:
                return count
            with _span(job), doing(f"job {job.kind}"):
                fault_point(CLAIMED)
                self._run(job)
        return limit

    def _claim(self) -> Job | None:
        with self._transaction() as connection:
            row = connection.execute(self._claiming, {"lease": self._lease}).one_or_none()
        return None if row is None else Job(*row)

    def _run(self, job: Job) -> None:
        if job.attempt > self._max_attempts:
            self._park(job, LEASE_LAPSED)
            return
        try:
            close = self._handlers[job.kind](job)
            with self._transaction() as connection:
                if not self._settle(connection, job, {"state": JobState.DONE, "reason": ""}):
                    logs.event(log, logging.WARNING, "job_lease_lost", kind=job.kind, job_id=job.id)
                    return
                close(connection)
        except JobRefusedError as error:
            self._park(job, error.reason)
        except Exception as error:  # noqa: BLE001 - whatever fails is tried again, then parked
            self._try_later(job, error)
        else:
            metrics.jobs_finished.labels(kind=job.kind, outcome="done").inc()

    def _try_later(self, job: Job, error: Exception) -> None:
        tracing.note_error(get_current_span(), error)
        reason = error.code if isinstance(error, ServiceError) else type(error).__name__
        if job.attempt >= self._max_attempts:
            self._park(job, reason)
            return
        log.warning("job_failed", exc_info=error, extra={"fields": {"kind": job.kind, "job_id": job.id}})
        metrics.jobs_finished.labels(kind=job.kind, outcome="retried").inc()
        longest = min(FIRST_WAIT_SECONDS * 2.0 ** (job.attempt - 1), LONGEST_WAIT_SECONDS)
        wait = timedelta(seconds=longest * (0.5 + self._chance() / 2))
        with self._transaction() as connection:
            run_at = read_app_now(connection) + wait
            self._settle(connection, job, {"state": JobState.WAITING, "run_at": run_at, "reason": reason})

    def _park(self, job: Job, reason: str) -> None:
        tracing.note_failure(get_current_span(), reason)
        metrics.jobs_finished.labels(kind=job.kind, outcome="parked").inc()
        logs.event(log, logging.ERROR, "job_parked", kind=job.kind, job_id=job.id, reason=reason)
        with self._transaction() as connection:
            self._settle(connection, job, {"state": JobState.PARKED, "reason": reason})

    def _settle(self, connection: Connection, job: Job, values: Mapping[str, Any]) -> bool:
        """Leave the state running, unless the lease lapsed and another process claimed the job."""
        jobs = self._table.c
        result = connection.execute(
            update(self._table)
            .where(jobs.id == job.id, jobs.state == JobState.RUNNING, jobs.attempts == job.attempt)
            .values(lease_until=None, **values)
        )
        return result.rowcount == 1


def _span(job: Job) -> AbstractContextManager[Span]:
    attributes: dict[str, str | int] = {
        names.JOB_KIND: job.kind,
        names.JOB_ID: job.id,
        names.JOB_ATTEMPT: job.attempt,
    }
    return tracing.caused_span(f"job {job.kind}", attributes, job.trace)


def forget_done_before(connection: Connection, instant: datetime, table: Table | None = None) -> int:
    """Delete some jobs that are done and were written before `instant`; returns how many.

    After that their key may be enqueued anew: keep them longer than what enqueues can repeat.
    """
    jobs = table_of(table)
    return delete_some(connection, jobs, jobs.c.state == JobState.DONE, jobs.c.created_at < instant)


_default_table = job_table(schema.metadata())
