"""Jobs: one claim at a time, no transaction during the work, a lapsed lease tried again under its key."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, bindparam, func, text
from sqlalchemy.dialects.postgresql import insert

from shared.database.transaction import Database, read_app_now
from shared.messages.job_beside import values, with_job
from shared.messages.jobs import (
    Close,
    Job,
    JobRefusedError,
    JobRunner,
    enqueue,
    forget_done_before,
)

Handler = Callable[[Job], Close]


def put(database: Database, key: str = "k1", delay: timedelta = timedelta()) -> None:
    with database.transaction() as connection:
        now = read_app_now(connection)
        enqueue(connection, "send", key, {"to": "x"}, now + delay)


def note(text_of: str) -> Close:
    def close(connection: Connection) -> None:
        connection.execute(text("INSERT INTO effect (note) VALUES (:note)"), {"note": text_of})

    return close


def runner(database: Database, handler: Handler, **options: Any) -> JobRunner:
    return JobRunner(database.transaction, {"send": handler}, chance=lambda: 1.0, **options)


def row(owner: Engine) -> Any:
    with owner.connect() as connection:
        return connection.execute(text("SELECT *, run_at - app_now() AS wait FROM job")).one()


def effects(owner: Engine) -> list[str]:
    with owner.connect() as connection:
        return list(connection.execute(text("SELECT note FROM effect")).scalars())


def test_a_job_runs_once_and_closes_with_its_effect(database: Database, owner: Engine) -> None:
    put(database)
    put(database)
    seen: list[Job] = []

    def handle(job: Job) -> Close:
        seen.append(job)
        assert row(owner).state == "running"
        return note("sent")

    jobs = runner(database, handle)
    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    assert [(job.key, job.attempt, job.payload) for job in seen] == [("k1", 1, {"to": "x"})]
    assert (row(owner).state, effects(owner)) == ("done", ["sent"])


def test_a_job_that_is_not_due_waits(database: Database, owner: Engine) -> None:
    put(database, delay=timedelta(minutes=1))
    assert runner(database, lambda job: note("early")).run_due() == 0


def test_two_runners_never_take_the_same_job(database: Database, owner: Engine) -> None:
    for number in range(20):
        put(database, key=f"k{number}")
    barrier = threading.Barrier(4)
    taken: list[str] = []

    def handle(job: Job) -> Close:
        taken.append(job.key)
        return note(job.key)

    def work() -> None:
        barrier.wait(5)
        runner(database, handle).run_due(limit=20)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"k{number}" for number in range(20))
    assert sorted(effects(owner)) == sorted(taken)


def test_a_failed_job_waits_longer_each_time_and_is_parked_at_last(database: Database, owner: Engine) -> None:
    put(database)

    def fail(job: Job) -> Close:
        raise RuntimeError

    jobs = runner(database, fail, max_attempts=2)
    assert jobs.run_due() == 1
    first = row(owner)
    assert (first.state, first.reason) == ("waiting", "RuntimeError")
    assert timedelta(seconds=4) < first.wait <= timedelta(seconds=5)
    assert jobs.run_due() == 0
    make_due(owner)
    assert jobs.run_due() == 1
    assert row(owner).state == "parked"


def test_a_refused_job_is_parked_at_once(database: Database, owner: Engine) -> None:
    put(database)

    def refuse(job: Job) -> Close:
        raise JobRefusedError("address_unknown")

    runner(database, refuse).run_due()
    assert (row(owner).state, row(owner).reason) == ("parked", "address_unknown")


@pytest.mark.parametrize("is_done_before", [True, False])
def test_a_lapsed_lease_is_tried_again_and_the_late_process_changes_nothing(
    database: Database, owner: Engine, is_done_before: bool
) -> None:
    """A process froze during its work; another took the job: the first must not close it, nor reopen it."""
    put(database)
    taken, finish = threading.Event(), threading.Event()

    def heir(job: Job) -> Close:
        taken.set()
        assert finish.wait(5)
        return note(f"attempt {job.attempt} of {job.key}")

    second = threading.Thread(target=runner(database, heir).run_due)

    def frozen(job: Job) -> Close:
        with owner.begin() as connection:
            connection.execute(text("UPDATE job SET lease_until = app_now() - interval '1 second'"))
        second.start()
        assert taken.wait(5)
        if is_done_before:
            finish.set()
            second.join()
        return note("late")

    runner(database, frozen).run_due(limit=1)
    finish.set()
    second.join()
    assert effects(owner) == ["attempt 2 of k1"]
    assert row(owner).state == "done"


def test_closing_that_fails_leaves_the_job_to_be_tried_again(database: Database, owner: Engine) -> None:
    put(database)

    def close(connection: Connection) -> None:
        note("half")(connection)
        raise RuntimeError

    runner(database, lambda job: close).run_due()
    assert (row(owner).state, effects(owner)) == ("waiting", [])


def test_a_job_that_ends_its_process_each_time_is_parked(database: Database, owner: Engine) -> None:
    """Nobody is left to count its failures: the claims do."""
    put(database)
    taken: list[int] = []

    def end_process(job: Job) -> Close:
        taken.append(job.attempt)
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            runner(database, end_process, max_attempts=2).run_due()
        with owner.begin() as connection:
            connection.execute(text("UPDATE job SET lease_until = app_now() - interval '1 second'"))
    runner(database, end_process, max_attempts=2).run_due()
    assert (taken, row(owner).state, row(owner).reason) == ([1, 2], "parked", "lease_lapsed")


def test_a_run_that_took_its_time_begins_no_other_job(database: Database, owner: Engine) -> None:
    """A process that is told to stop waits for the run: it must end, however many jobs are due."""
    for key in ("k1", "k2", "k3"):
        put(database, key=key)
    assert runner(database, lambda job: note(job.key)).run_due(limit=3, seconds=0) == 1
    assert effects(owner) == ["k1"]


def test_only_jobs_that_are_done_are_forgotten(database: Database, owner: Engine) -> None:
    put(database, key="done")
    runner(database, lambda job: note("sent")).run_due()
    put(database, key="waiting", delay=timedelta(hours=1))
    with database.transaction() as connection:
        now = read_app_now(connection)
        assert forget_done_before(connection, now - timedelta(hours=1)) == 0
        assert forget_done_before(connection, now) == 1
    assert row(owner).key == "waiting"


def make_due(owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text("UPDATE job SET run_at = app_now()"))


@pytest.mark.parametrize("attempts", [1, 40])
def test_the_wait_is_bounded(database: Database, owner: Engine, attempts: int) -> None:
    put(database)
    with owner.begin() as connection:
        connection.execute(text("UPDATE job SET attempts = :n"), {"n": attempts})

    def fail(job: Job) -> Close:
        raise RuntimeError

    runner(database, fail, max_attempts=100).run_due()
    assert timedelta(seconds=5) < row(owner).wait <= timedelta(hours=1)


def test_a_row_is_written_with_its_job_by_one_statement(database: Database, owner: Engine) -> None:
    """Due at the instant that the row tells; the same kind and key again is one job still."""
    effect = Table("effect", MetaData(), Column("note", String))
    written = insert(effect).values(note=bindparam("note")).returning(func.app_now().label("due"))
    statement = with_job(written, run_at="due")
    for _ in range(2):
        with database.transaction() as connection:
            due = connection.execute(
                statement, {"note": "x"} | values("send", "k1", {"to": "x"})
            ).scalar_one()
    assert effects(owner) == ["x", "x"]
    assert (row(owner).state, row(owner).attempts, row(owner).run_at < due) == ("waiting", 0, True)
    seen: list[Job] = []

    def handle(job: Job) -> Close:
        seen.append(job)
        return note("sent")

    assert runner(database, handle).run_due() == 1
    assert [(job.kind, job.key, job.payload) for job in seen] == [("send", "k1", {"to": "x"})]
