"""Compares all books once a day, few payments per job, and counts what differs (rule M22)."""

import functools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.payment.store import books as store
from services.payment.usecases.compare import NAMES, Difference
from services.payment.usecases.desk import Desk
from services.payment.usecases.reconcile_books import Compared, compare_payment, compare_series
from shared import clock, logs
from shared.database.transaction import read_app_now, when_committed
from shared.messages import jobs
from shared.messages.jobs import Close, Job
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

COMPARE_JOB = "compare_books"
DAY_SECONDS = 24 * 3600
OPENED_WITHIN = timedelta(days=90)
PART = 20
SECONDS_OF_A_PART = 1.0
"""Jobs run one after the other: a refund must not wait behind the comparison of everything."""
PAUSE = timedelta(seconds=1)

begin_at_zero(metrics.books_differences, difference=NAMES)


class Comparisons:
    """Begins one comparison a day, once over all processes."""

    def __init__(self, desk: Desk, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._now = now
        self._begun: int | None = None

    def begin_when_due(self) -> None:
        """Write the first job of the day's comparison, unless some process has."""
        day = int(self._now().timestamp()) // DAY_SECONDS
        if day == self._begun:
            return
        with self._desk.transaction() as connection:
            jobs.enqueue(connection, COMPARE_JOB, str(day), {"after": None}, read_app_now(connection))
        self._begun = day


def compare_part(desk: Desk, job: Job) -> Close:
    """Compare the next few payments; the rest is for the next job. Changes nothing but the counters."""
    with desk.transaction() as connection:
        store.forbid_writing(connection)
        since = read_app_now(connection) - OPENED_WITHIN
        page = store.page_of_ids(connection, since, job.payload["after"], PART)
    until = clock.monotonic() + SECONDS_OF_A_PART
    of_none = [] if job.payload["after"] else compare_series(desk.transaction)
    compared: list[Compared] = []
    for payment_id in page:
        if compared and clock.monotonic() >= until:
            break
        compared.append(compare_payment(desk.transaction, desk.providers, payment_id))

    def close(connection: Connection) -> None:
        when_committed(connection, functools.partial(_tell, compared, of_none))
        if compared and (len(compared) < len(page) or len(page) == PART):
            after, day = page[len(compared) - 1], job.key.partition(":")[0]
            run_at = read_app_now(connection) + PAUSE
            jobs.enqueue(connection, COMPARE_JOB, f"{day}:{after}", {"after": after}, run_at)

    return close


def _tell(compared: list[Compared], of_none: list[Difference]) -> None:
    metrics.books_compared.inc(len(compared))
    for difference in (*of_none, *(one for each in compared for one in each.differences)):
        metrics.books_differences.labels(difference=difference.name).inc()
        logs.event(
            log,
            logging.ERROR,
            "books_differ",
            payment_id=difference.payment_id,
            difference=difference.name,
            detail=difference.detail,
        )
