"""Proves closed days: computes each anew from the ledger's entries and names what is not as it was closed."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from services.payment.domain.closing import (
    FIRST,
    Balance,
    SealedDay,
    Summary,
    balances_digest,
    digest_of,
)
from services.payment.store import closings
from services.payment.store.books import forbid_writing
from services.payment.store.closings import ClosedDay
from services.payment.usecases.desk import Desk
from shared import clock, logs
from shared.database.transaction import Transaction, read_app_now
from shared.messages import jobs
from shared.messages.jobs import Close, Job
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

log = logging.getLogger(__name__)

PROVE_JOB = "prove_ledger"
PROVEN = timedelta(days=90)
"""By the job; the command goes back to the first day."""
SECONDS_OF_A_PART = 1.0
PAUSE = timedelta(seconds=1)

ENTRIES, BALANCE, CHAIN, GAP = NAMES = (
    "closed_entries_differ",
    "closed_balance_differs",
    "closed_chain_broken",
    "closed_days_have_a_gap",
)
begin_at_zero(metrics.books_differences, difference=NAMES)


@dataclass(frozen=True)
class DayDifference:
    """`name` says what kind it is; `detail` where and by how much."""

    day: date
    name: str
    detail: str


@dataclass(frozen=True)
class Proven:
    """A day and what differs in it."""

    day: date
    differences: list[DayDifference]


def prove_days(transaction: Transaction, after: date | None = None) -> Iterator[Proven]:
    """Every closed day after that one, or all, in their order; each is read by itself."""
    before = _day_before(transaction, after)
    while (closed := _next(transaction, before.sealed.day if before else after)) is not None:
        with transaction() as connection:
            forbid_writing(connection)
            found = list(_prove(connection, closed, before))
        yield Proven(closed.sealed.day, found)
        before = closed


def _prove(connection: Connection, closed: ClosedDay, before: ClosedDay | None) -> Iterator[DayDifference]:
    sealed = closed.sealed
    yield from _gap(connection, sealed, before)
    if closed.summary is None:
        return
    written = closings.written_balances(connection, sealed.day)
    yield from _balances(sealed.day, closings.computed_balances(connection, sealed), written)
    yield from _entries(sealed, closed.summary, closings.count_entries(connection, sealed))
    previous = before.digest if before else closings.digest_before(connection, sealed.day)
    summary = Summary(
        closed.summary.transactions,
        closed.summary.entries,
        closed.summary.entries_digest,
        balances_digest(written),
    )
    if closed.previous_digest != previous or closed.digest != digest_of(previous, sealed, summary):
        yield DayDifference(sealed.day, CHAIN, "it, or the day before, is not what was closed")


def _gap(connection: Connection, sealed: SealedDay, before: ClosedDay | None) -> Iterator[DayDifference]:
    if before is not None:
        if before.sealed.period.ends != sealed.period.begins:
            yield DayDifference(sealed.day, GAP, f"it does not begin where {before.sealed.day} ends")
    elif closings.digest_before(connection, sealed.day) == FIRST:
        outside = closings.posted_before(connection, sealed.period.begins)
        if outside:
            yield DayDifference(sealed.day, GAP, f"{outside} transactions stand before the first day")


def _balances(day: date, computed: list[Balance], written: list[Balance]) -> Iterator[DayDifference]:
    due = {(one.account, one.currency): one for one in computed}
    found = {(one.account, one.currency): one for one in written}
    for key in sorted(due.keys() | found.keys()):
        if due.get(key) != found.get(key):
            detail = f"{key[0]} {key[1]}: due {_text(due.get(key))}, closed {_text(found.get(key))}"
            yield DayDifference(day, BALANCE, detail)


def _text(balance: Balance | None) -> str:
    if balance is None:
        return "nothing"
    return f"{balance.opening} + {balance.debits} - {balance.credits} = {balance.closing}"


def _entries(sealed: SealedDay, kept: Summary, found: tuple[int, int, str]) -> Iterator[DayDifference]:
    if (kept.transactions, kept.entries, kept.entries_digest) != found:
        detail = (
            f"closed with {kept.entries} entries, now {found[1]}" if found[1] != kept.entries else "altered"
        )
        yield DayDifference(sealed.day, ENTRIES, detail)


def prove_ledger(desk: Desk, job: Job) -> Close:
    """Prove the next days of the last 90. Changes nothing but the counters."""
    with desk.transaction() as connection:
        oldest = (read_app_now(connection) - PROVEN).date()
    after = date.fromisoformat(job.payload["after"]) if job.payload.get("after") else oldest
    until, last, is_cut = clock.monotonic() + SECONDS_OF_A_PART, after, False
    for proven in prove_days(desk.transaction, after):
        tell(proven)
        last = proven.day
        if clock.monotonic() >= until:
            is_cut = True
            break

    def close(connection: Connection) -> None:
        if is_cut:
            key = f"{job.key.partition(':')[0]}:{last}"
            run_at = read_app_now(connection) + PAUSE
            jobs.enqueue(connection, PROVE_JOB, key, {"after": last.isoformat()}, run_at)

    return close


def tell(proven: Proven) -> None:
    """Count and log what differs."""
    for one in proven.differences:
        metrics.books_differences.labels(difference=one.name).inc()
        logs.event(
            log,
            logging.ERROR,
            "books_differ",
            day=one.day.isoformat(),
            difference=one.name,
            detail=one.detail,
        )


def _next(transaction: Transaction, after: date | None) -> ClosedDay | None:
    with transaction() as connection:
        return next(iter(closings.closed_days(connection, after, 1)), None)


def _day_before(transaction: Transaction, after: date | None) -> ClosedDay | None:
    """The day that the first one is chained to, where the proof does not begin at the beginning."""
    if after is None:
        return None
    with transaction() as connection:
        found = closings.closed_days(connection, after - timedelta(days=1), 1)
    return found[0] if found and found[0].sealed.day == after else None
