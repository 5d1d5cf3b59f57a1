"""Closes the days of the ledger: seals each that is over, then sums it up and chains it (promise D10)."""

import functools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.payment.domain.closing import (
    SealedDay,
    Summary,
    balances_digest,
    digest_of,
    first_day,
    following,
)
from services.payment.domain.operator_days import day_of
from services.payment.store import closings
from services.payment.store.locks import lock_closings, stop_posting
from services.payment.usecases.desk import Desk
from services.payment.usecases.prove_days import PROVE_JOB
from shared import clock, logs
from shared.database.transaction import Transaction, read_app_now, when_committed
from shared.messages import jobs
from shared.messages.jobs import Close, Job

log = logging.getLogger(__name__)

CLOSE_JOB = "close_ledger"
GRACE = timedelta(minutes=15)
"""After a day's end, so that no command that began in it is refused: the longest lasts 15 seconds."""
DAYS_OF_A_JOB = 20
"""Jobs run one after the other: a refund must not wait behind years that are closed for the first time."""
PAUSE = timedelta(seconds=1)


class Closings:
    """Begins the closing of each day that is over, once over all processes."""

    def __init__(self, desk: Desk, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._now = now
        self._begun = ""

    def begin_when_due(self) -> None:
        """Write the day's job, unless some process has."""
        day = day_of(self._now() - GRACE, self._desk.operator_zone).isoformat()
        if day == self._begun:
            return
        with self._desk.transaction() as connection:
            jobs.enqueue(connection, CLOSE_JOB, day, {}, read_app_now(connection))
        self._begun = day


def close_ledger(desk: Desk, job: Job) -> Close:
    """Close what is over by both clocks: sealing is for ever, so one that is fast must not seal alone."""
    with desk.transaction() as connection:
        now = min(read_app_now(connection), clock.now())
    closed = close_days(desk.transaction, desk.operator_zone, now - GRACE, DAYS_OF_A_JOB)

    def close(connection: Connection) -> None:
        day, run_at = job.key.partition(":")[0], read_app_now(connection) + PAUSE
        if closed < DAYS_OF_A_JOB:
            jobs.enqueue(connection, PROVE_JOB, day, {"after": None}, run_at)
        else:
            part = int(job.payload.get("part", 0)) + 1
            jobs.enqueue(connection, CLOSE_JOB, f"{day}:{part}", {"part": part}, run_at)

    return close


def close_days(transaction: Transaction, zone: ZoneInfo, until: datetime, most: int) -> int:
    """Seal every day that ended by then, and sum up to `most` of those that are not; answers how many."""
    seal_days(transaction, zone, until)
    for closed in range(most):
        if not sum_up_next(transaction):
            return closed
    return most


def seal_days(transaction: Transaction, zone: ZoneInfo, until: datetime) -> None:
    """Let nothing be posted any more to days that ended by then. Posting waits for a few milliseconds."""
    with transaction() as connection:
        if _next_day(connection, zone, until) is None:
            return
        stop_posting(connection)
        while (sealed := _next_day(connection, zone, until)) is not None:
            closings.seal(connection, sealed)


def sum_up_next(transaction: Transaction) -> bool:
    """Sum the oldest day up that is sealed only; False when there is none. It reads that day alone."""
    with transaction() as connection:
        lock_closings(connection)
        sealed = closings.first_not_summed(connection)
        if sealed is None:
            return False
        balances = closings.computed_balances(connection, sealed)
        transactions, entries, digest = closings.count_entries(connection, sealed)
        summary = Summary(transactions, entries, digest, balances_digest(balances))
        previous = closings.digest_before(connection, sealed.day)
        chain = (previous, digest_of(previous, sealed, summary))
        closings.write(connection, sealed.day, balances, summary, chain)
        when_committed(connection, functools.partial(_tell, sealed, summary, chain[1]))
    return True


def _next_day(connection: Connection, zone: ZoneInfo, until: datetime) -> SealedDay | None:
    """The next day to be sealed, when it ended by then; a ledger without postings has none."""
    last = closings.last_sealed(connection)
    if last is not None:
        sealed = following(last, zone)
    else:
        begins = closings.first_posting(connection)
        if begins is None:
            return None
        sealed = first_day(begins, zone)
    return sealed if sealed.period.ends <= until else None


def _tell(sealed: SealedDay, summary: Summary, digest: str) -> None:
    logs.event(
        log,
        logging.INFO,
        "ledger_day_closed",
        day=sealed.day.isoformat(),
        transactions=summary.transactions,
        digest=digest,
    )
