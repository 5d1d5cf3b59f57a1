"""A statement of plain text answers as SQLAlchemy would have it, whichever way it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Connection, Integer, bindparam, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.database.transaction import Database
from shared.errors import ServiceError

NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)
MANY = text("""
SELECT CAST(:number AS integer) AS number, :text AS text, CAST(:at AS timestamptz) AS at, '50 %' AS share,
    CAST('{"a": [1, 2.5, null, "é"]}' AS jsonb) AS document, CAST(:list AS text[]) AS list, NULL AS nothing
""")
VALUES = {"number": 7, "text": "o'ne", "at": NOON, "list": ["a", None]}
INSERT = text("INSERT INTO effect (note) VALUES (:note)")
COUNT = text("SELECT count(*) FROM effect WHERE note = :note")


@contextmanager
def listened_to(database: Database) -> Iterator[list[str]]:
    """Who listens gets SQLAlchemy's own way."""
    heard: list[str] = []

    def note(*arguments: Any) -> None:
        heard.append(arguments[2])

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(database._engine, "before_cursor_execute", note)


def told(connection: Connection) -> list[Any]:
    row = connection.execute(MANY, VALUES).one()
    return [tuple(row), dict(row._mapping), row.share, connection.execute(MANY, VALUES).mappings().all()]


def test_it_answers_the_same_either_way(database: Database) -> None:
    with database.transaction() as connection:
        direct = told(connection)
    with listened_to(database) as heard, database.transaction() as connection:
        assert told(connection) == direct
    assert len(heard) == 2
    assert direct[0][0] == 7
    assert direct[2] == "50 %"


def test_it_says_how_many_rows_it_changed(database: Database) -> None:
    with database.transaction() as connection:
        for note in ("one", "one", "two"):
            assert connection.execute(INSERT, {"note": note}).rowcount == 1
        changed = connection.execute(text("DELETE FROM effect WHERE note = :note"), {"note": "one"})
        assert changed.rowcount == 2
        assert changed.all() == []


def test_types_and_many_rows_are_left_to_sqlalchemy(database: Database) -> None:
    typed = text("SELECT :number + 1").bindparams(bindparam("number", type_=Integer))
    with database.transaction() as connection:
        connection.execute(INSERT, [{"note": "one"}, {"note": "one"}])
        assert connection.execute(COUNT, {"note": "one"}).scalar_one() == 2
        assert connection.execute(typed, {"number": 1}).scalar_one() == 2


def test_an_error_has_the_same_name(database: Database) -> None:
    broken = text("INSERT INTO effect (note) VALUES (:note)")
    with pytest.raises(IntegrityError) as refused, database.transaction() as connection:
        connection.execute(broken, {"note": None})
    assert isinstance(refused.value.orig, psycopg2.errors.NotNullViolation)
    with pytest.raises(ValueError, match="NUL"), database.transaction() as connection:
        connection.execute(broken, {"note": "a\0b"})
    with database.transaction() as connection:
        assert connection.execute(COUNT, {"note": "one"}).scalar_one() == 0


def test_a_connection_that_breaks_is_given_up(database: Database) -> None:
    kill = text("SELECT pg_terminate_backend(pg_backend_pid())")
    for opened in (database.transaction, database.reading):
        with pytest.raises(ServiceError, match="unavailable"), opened() as connection:
            connection.execute(kill)
        with opened() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_savepoint_is_rolled_back_alone(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(INSERT, {"note": "one"})
        with pytest.raises(DBAPIError), connection.begin_nested():
            connection.execute(INSERT, {"note": None})
        connection.execute(INSERT, {"note": "one"})
    with database.transaction() as connection:
        assert connection.execute(COUNT, {"note": "one"}).scalar_one() == 2


def test_reading_opens_no_transaction(database: Database) -> None:
    """And who comes after, with the same connection, has one again."""
    started = text("SELECT now() = statement_timestamp(), pg_backend_pid()")
    with database.reading() as connection:
        connection.execute(started)
        in_reading = connection.execute(started).one()
    with database.transaction() as connection:
        connection.execute(started)
        in_transaction = connection.execute(started).one()
    assert tuple(in_reading) == (True, in_transaction[1])
    assert in_transaction[0] is False


def test_reading_sees_what_was_committed_meanwhile(database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute(COUNT, {"note": "one"}).scalar_one() == 0
        with database.transaction() as other:
            other.execute(INSERT, {"note": "one"})
        assert connection.execute(COUNT, {"note": "one"}).scalar_one() == 1
