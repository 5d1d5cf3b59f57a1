"""What goes to the database in one trip has the effect that it has one by one."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import pytest
from psycopg2 import NotSupportedError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, InternalError, ProgrammingError

from shared.database.session import send_with_next, unread
from shared.database.transaction import Database
from shared.errors import ServiceError
from tests.fixtures.waiting import wait_until

NOTE = unread("INSERT INTO effect (note) VALUES (%(note)s)", note="text")
LOCK = unread("SELECT pg_advisory_xact_lock(%(number)s)", number="bigint")
NOTES = text("SELECT note FROM effect ORDER BY note")
COUNT = text("SELECT count(*) FROM effect")
OWN_PID = text("SELECT pg_backend_pid()")
TERMINATE = text("SELECT pg_terminate_backend(:pid)")
WAITS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def note(connection: Connection, value: str | None) -> None:
    send_with_next(connection, NOTE, {"note": value})


def notes(owner: Engine) -> list[str]:
    with owner.connect() as connection:
        return list(connection.execute(NOTES).scalars())


def test_what_nobody_reads_is_done_with_the_commit(database: Database, owner: Engine) -> None:
    """rule C17: in the order in which it was sent, also when nothing else was."""
    with database.transaction() as connection:
        note(connection, "o'ne %s")
        note(connection, "two")
    assert notes(owner) == ["o'ne %s", "two"]


def test_it_is_done_before_the_next_statement(database: Database) -> None:
    with database.transaction() as connection:
        note(connection, "one")
        assert connection.execute(COUNT).scalar_one() == 1
        note(connection, "two")
        assert connection.execute(NOTES).scalars().all() == ["one", "two"]


def test_a_transaction_that_is_rolled_back_leaves_nothing(database: Database, owner: Engine) -> None:
    """rule C17: neither what was sent nor what waited, and not in the next one of the session either."""
    with pytest.raises(RuntimeError), database.transaction() as connection:
        note(connection, "sent")
        connection.execute(COUNT)
        note(connection, "waits")
        raise RuntimeError
    with database.transaction() as connection:
        note(connection, "next")
    assert notes(owner) == ["next"]


def test_a_statement_for_many_rows_is_part_of_the_transaction(database: Database, owner: Engine) -> None:
    """rule C17: also when it is the first one, and after what waited."""
    add = text("INSERT INTO effect (note) SELECT :note FROM effect WHERE note = :after")
    with database.transaction() as connection:
        note(connection, "a")
        connection.execute(add, [{"after": "a", "note": "b"}, {"after": "b", "note": "c"}])
    assert notes(owner) == ["a", "b", "c"]
    with pytest.raises(RuntimeError), database.transaction() as connection:
        connection.execute(add, [{"after": "c", "note": "d"}, {"after": "d", "note": "e"}])
        raise RuntimeError
    assert notes(owner) == ["a", "b", "c"]


def test_what_would_be_part_of_no_transaction_is_refused(database: Database) -> None:
    with database.transaction() as connection, pytest.raises(NotSupportedError):
        connection.connection.cursor().copy_expert("COPY effect TO STDOUT", io.StringIO())


def test_what_is_wrong_with_it_is_raised_by_what_comes_next(database: Database, owner: Engine) -> None:
    """rule C17: a statement, or the commit; nothing of the transaction lasts."""
    with pytest.raises(IntegrityError), database.transaction() as connection:
        note(connection, "one")
        note(connection, None)
        connection.execute(COUNT)
    with pytest.raises(IntegrityError), database.transaction() as connection:
        note(connection, "one")
        note(connection, None)
    assert notes(owner) == []
    with database.transaction() as connection:
        note(connection, "after")
    assert notes(owner) == ["after"]


def test_what_goes_wrong_while_a_statement_is_prepared_has_the_same_name(
    database: Database, owner: Engine
) -> None:
    """promise A2: that takes a trip of its own, on which what waits goes."""
    with pytest.raises(IntegrityError), database.transaction() as connection:
        note(connection, None)
        send_with_next(connection, unread("SELECT %(one)s", one="smallint"), {"one": 1})
    with pytest.raises(ServiceError, match="unavailable"), database.transaction() as connection:
        with owner.connect() as other:
            other.execute(TERMINATE, {"pid": connection.execute(OWN_PID).scalar_one()})
        send_with_next(connection, unread("SELECT %(one)s", one="bigint"), {"one": 1})
    with database.transaction() as connection:
        note(connection, "after")
    assert notes(owner) == ["after"]


def test_what_waits_is_not_lost_with_a_statement_that_cannot_be_sent(
    database: Database, owner: Engine
) -> None:
    """rule C17: whoever goes on after its error commits what was told before it."""
    with database.transaction() as connection:
        note(connection, "before")
        with pytest.raises(ProgrammingError):
            connection.execute(text("SELECT CAST(:value AS text)"), {"value": object()})
        note(connection, "after")
    assert notes(owner) == ["after", "before"]


def test_a_savepoint_takes_back_what_was_sent_after_it(database: Database, owner: Engine) -> None:
    with database.transaction() as connection:
        note(connection, "before")
        savepoint = connection.begin_nested()
        note(connection, "inside")
        savepoint.rollback()
        note(connection, "after")
    assert notes(owner) == ["after", "before"]


def test_a_savepoint_takes_back_what_is_wrong_after_it(database: Database, owner: Engine) -> None:
    with database.transaction() as connection:
        note(connection, "before")
        savepoint = connection.begin_nested()
        with pytest.raises(IntegrityError):
            note(connection, None)
        savepoint.rollback()
    assert notes(owner) == ["before"]


def test_nothing_counts_as_committed_once_a_statement_has_failed(database: Database, owner: Engine) -> None:
    """rule C17: also when whoever sent it goes on as if nothing had happened."""
    with pytest.raises(InternalError), database.transaction() as connection:
        note(connection, "lost")
        with suppress(ProgrammingError):
            connection.execute(text("SELECT nothing_of_this_name"))
    assert notes(owner) == []


def test_a_statement_sees_what_was_committed_while_its_lock_was_waited_for(
    database: Database, owner: Engine
) -> None:
    """rule C13: the lock and the statement go together, and the statement has a snapshot of its own."""
    is_locked, may_commit = Event(), Event()

    def hold() -> None:
        with database.transaction() as connection:
            send_with_next(connection, LOCK, {"number": 7})
            note(connection, "first")
            connection.execute(COUNT)
            is_locked.set()
            assert may_commit.wait(10)

    def count() -> int:
        with database.transaction() as connection:
            send_with_next(connection, LOCK, {"number": 7})
            return int(connection.execute(COUNT).scalar_one())

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hold)
        assert is_locked.wait(10)
        second = pool.submit(count)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
            wait_until(lambda: watching.execute(WAITS).scalar_one(), "the second to wait for the lock")
        may_commit.set()
        first.result(10)
        assert second.result(10) == 1


def test_what_is_read_is_in_no_transaction(database: Database) -> None:
    """promise C1: so that a question takes one trip; what comes after it in the session is in one again."""
    moments = text("SELECT transaction_timestamp()")
    with database.reading() as connection:
        assert connection.execute(moments).scalar_one() != connection.execute(moments).scalar_one()
    with pytest.raises(RuntimeError), database.reading() as connection:
        raise RuntimeError
    with database.transaction() as connection:
        assert connection.execute(moments).scalar_one() == connection.execute(moments).scalar_one()
