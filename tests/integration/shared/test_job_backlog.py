"""What waits in a table of jobs is told to the metrics, and asking costs nothing (promise I1)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, event, text

from shared.database.transaction import Database, read_app_now
from shared.messages.job_backlog import measure_jobs
from shared.messages.jobs import Close, Job, JobRefusedError, JobRunner, enqueue

KINDS = ("send", "look")
DONE = """
INSERT INTO job (id, kind, key, payload, state, run_at)
SELECT gen_random_uuid(), 'send', 'old ' || number, '{}', 'done', app_now()
FROM generate_series(1, 20000) AS number
"""


def overdue() -> float:
    return REGISTRY.get_sample_value("care_jobs_overdue_seconds") or 0


def parked(kind: str) -> float | None:
    return REGISTRY.get_sample_value("care_jobs_parked", {"kind": kind})


def measure(database: Database) -> None:
    with database.transaction() as connection:
        measure_jobs(connection, KINDS)


def refuse(job: Job) -> Close:
    raise JobRefusedError("no_good")


def test_jobs_that_wait_and_jobs_that_were_parked(database: Database) -> None:
    with database.transaction() as connection:
        now = read_app_now(connection)
        enqueue(connection, "send", "late", {}, now - timedelta(seconds=40))
        enqueue(connection, "send", "later", {}, now + timedelta(hours=1))
    measure(database)
    assert 40 <= overdue() < 60
    assert (parked("send"), parked("look")) == (0, 0)
    JobRunner(database.transaction, {"send": refuse}).run_due()
    measure(database)
    assert overdue() == 0, "what is due in an hour is not late"
    assert (parked("send"), parked("look")) == (1, 0)


@pytest.fixture
def asked(database: Database) -> Iterator[list[str]]:
    """What is sent to the database, with its values in place."""
    sent: list[str] = []

    def note(_: object, cursor: object, statement: str, values: object, *rest: object) -> None:
        sent.append(cursor.mogrify(statement, values).decode())  # type: ignore[attr-defined]

    event.listen(database._engine, "before_cursor_execute", note)
    yield sent
    event.remove(database._engine, "before_cursor_execute", note)


def test_the_questions_are_answered_by_an_index(database: Database, owner: Engine, asked: list[str]) -> None:
    with owner.begin() as connection:
        connection.execute(text(DONE))
        connection.execute(text("ANALYZE job"))
    measure(database)
    questions = [statement for statement in asked if "FROM job" in statement]
    assert len(questions) == 2
    with owner.connect() as connection:
        for question in questions:
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {question}").scalars())
            assert "Seq Scan" not in plan, plan
