"""What payment tells the metrics: refunds, what the reconciler finds, what does not add up (promise I1)."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, event, text

from services.payment.usecases import (
    compare,
    compare_daily,
    compare_disputes,
    compare_fees,
    compare_payouts,
    compare_shares,
    reconcile_books,
)
from services.payment.usecases.compare_daily import COMPARE_JOB, Comparisons
from services.payment.usecases.desk import Desk
from services.payment.usecases.measure import measure_open_work
from services.payment.usecases.retry_refund import retry_refund
from services.payment.usecases.work_jobs import job_handlers
from shared.database.transaction import Database
from tests.integration.payment.bookings import Booked, Bookings
from tests.integration.payment.crashes import NOON, forget_jobs, reconcile
from tests.integration.payment.paying import ask_for_3ds, pay
from tests.integration.payment.records import alter, jobs, rows, run_jobs
from tests.integration.payment.refunding import cancel, refunds_of
from tests.integration.payment.standin import StandIn

REFUND = "POST /v1/refunds"
Figures = dict[str, float]


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


@contextmanager
def counted(name: str, label: str, **expected: int) -> Iterator[None]:
    """Within the block exactly these series of a counter rise, by so much."""

    def all_series() -> Figures:
        return {
            sample.labels[label]: sample.value
            for metric in REGISTRY.collect()
            for sample in metric.samples
            if sample.name == name
        }

    before = all_series()
    yield
    after = all_series()
    risen = {value: after[value] - before.get(value, 0) for value in after}
    assert {value: by for value, by in risen.items() if by} == expected


def measure(desk: Desk) -> None:
    measure_open_work(desk.transaction, job_handlers(desk).keys())


def test_refunds_are_counted_by_the_state_that_they_come_to(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    booked = bookings.hold()
    pay(desk, booked)
    with counted("care_refunds_moved_total", "status", due=1, succeeded=1):
        cancel(desk, booked, 100, 10000)
        run_jobs(desk, owner)
        run_jobs(desk, owner)


def test_a_refund_that_is_owed_and_one_that_failed_are_seen_until_they_are_done(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    booked = bookings.hold()
    paid = pay(desk, booked)
    measure(desk)
    assert figure("care_refunds_open", status="due") == 0
    cancel(desk, booked, 100, 10000)
    alter(owner, "UPDATE refund SET created_at = created_at - interval '20 minutes'")
    measure(desk)
    assert figure("care_refunds_open", status="due") == 1
    assert 1200 <= figure("care_refunds_unsent_seconds") < 1260
    alter(owner, "UPDATE refund SET status = 'failed'")
    rows(owner, "UPDATE job SET state = 'parked' WHERE kind = 'send_refund' RETURNING id")
    measure(desk)
    assert figure("care_refunds_open", status="due") == 0
    assert figure("care_refunds_open", status="failed") == 1
    assert figure("care_refunds_unsent_seconds") == 0, "an operator's, not the job's"
    assert figure("care_jobs_parked", kind="send_refund") == 1
    (refund,) = refunds_of(owner, paid["payment_id"])
    retry_refund(desk.transaction, refund["id"])
    run_jobs(desk, owner)
    run_jobs(desk, owner)
    measure(desk)
    assert figure("care_refunds_open", status="failed") == 0


def test_what_the_reconciler_finds_is_counted(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    desk = replace(desk, unsettled_seconds=0)
    _, asked = ask_for_3ds(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    forget_jobs(owner)
    with counted("care_reconciler_findings_total", "finding", unsettled_payment=1, payment_reconciled=1):
        reconcile(desk, owner, events_are_listed=False)


@pytest.fixture
def paid(desk: Desk, bookings: Bookings, owner: Engine) -> list[Booked]:
    """Three bookings of 100.00, each paid."""
    all_booked = [bookings.hold() for _ in range(3)]
    for booked in all_booked:
        pay(desk, booked)
    run_jobs(desk, owner)
    return all_booked


@pytest.mark.usefixtures("paid")
def test_all_books_are_compared_once_a_day_a_few_in_a_job(
    desk: Desk, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rule M22: over all processes once, and no job keeps the others waiting."""
    monkeypatch.setattr(compare_daily, "PART", 2)
    moment = [NOON]
    processes = [Comparisons(desk, lambda: moment[0]) for _ in range(2)]

    def compared() -> float:
        for process in processes:
            process.begin_when_due()
        before = figure("care_books_compared_total")
        for _ in range(3):
            run_jobs(desk, owner)
        return figure("care_books_compared_total") - before

    assert compared() == 3
    assert compared() == 0
    moment[0] = NOON + timedelta(days=1)
    with counted("care_books_differences_total", "difference"):
        assert compared() == 3
    assert jobs(owner)[COMPARE_JOB] == "done"


@pytest.mark.usefixtures("paid")
def test_what_differs_is_counted_by_its_name(desk: Desk, owner: Engine) -> None:
    """rule M22"""
    alter(
        owner,
        "UPDATE payment SET commission_amount = commission_amount - 1 "
        "WHERE id = (SELECT id FROM payment ORDER BY id LIMIT 1)",
    )
    Comparisons(desk, lambda: NOON).begin_when_due()
    with counted("care_books_differences_total", "difference", ledger_entry_differs=4):
        run_jobs(desk, owner)


def test_every_name_that_a_difference_may_have_begins_at_zero() -> None:
    modules = (compare, compare_disputes, compare_fees, compare_shares, compare_payouts, reconcile_books)
    source = "\n".join(inspect.getsource(module) for module in modules)
    names = set(re.findall(r'"(\w+_differs?|\w+_missing|\w+_missing_at_stripe|\w+_unknown_here)"', source))
    sums = {f"{name}_differs" for name in re.findall(r'"(\w+_amount)"', source)}
    assert names | sums | {compare.STRIPE_DOES_NOT_TELL} == set(compare.NAMES)


DONE = """
SET LOCAL session_replication_role = replica;
INSERT INTO refund (id, payment_id, request_key, service_amount, tip_amount, status, provider_refund_id)
SELECT gen_random_uuid(), gen_random_uuid(), number, 1, 0, 'succeeded', 're_' || number
FROM generate_series(1, 20000) AS number
"""


def test_the_questions_are_answered_by_an_index(
    desk: Desk, database: Database, owner: Engine, explain: Callable[[str], str]
) -> None:
    """promise I1: with 20,000 refunds that are done."""
    with owner.begin() as connection:
        for statement in filter(str.strip, DONE.split(";")):
            connection.execute(text(statement))
        connection.execute(text("ANALYZE refund"))
    asked: list[str] = []

    def note(_: object, cursor: object, statement: str, values: object, *rest: object) -> None:
        asked.append(cursor.mogrify(statement, values).decode())  # type: ignore[attr-defined]

    event.listen(database._engine, "before_cursor_execute", note)
    measure(desk)
    event.remove(database._engine, "before_cursor_execute", note)
    (question,) = [statement for statement in asked if "FROM refund" in statement]
    assert "ix_refund_open" in explain(question)


@pytest.fixture
def explain(owner: Engine) -> Callable[[str], str]:
    def plan(question: str) -> str:
        with owner.connect() as connection:
            return "\n".join(connection.exec_driver_sql(f"EXPLAIN {question}").scalars())

    return plan
