"""A statement whose plan is kept answers as before, and is planned once in each session."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import ProgrammingError

from shared.database.analyze import analyze
from shared.database.kept_plans import kept, prepare
from shared.database.transaction import Database

STATEMENT = """
SELECT effect.note, CAST(:at AS timestamptz) - interval '1 day' AS at, CAST(:numbers AS integer[]) AS numbers
FROM effect WHERE effect.note LIKE '%e%' AND (:note IS NULL OR effect.note = :note) ORDER BY effect.note
"""
PLAIN = text(STATEMENT.replace(":note", "CAST(:note AS text)"))
KEPT = kept(text(STATEMENT), note="text")
INSERT = text("INSERT INTO effect (note) VALUES ('one'), ('three')")
PREPARED = text("SELECT generic_plans FROM pg_prepared_statements")
NOON = datetime(2027, 1, 15, 12, tzinfo=UTC)


def ask(connection: Connection, statement: TextClause, note: str | None, numbers: list[int] | None) -> Any:
    values = {"note": note, "numbers": numbers, "at": NOON}
    return [tuple(row) for row in connection.execute(statement, values)]


@pytest.mark.parametrize("note", [None, "one", "o'ne", "%", "none"])
@pytest.mark.parametrize("numbers", [None, [], [1, 2]])
def test_it_answers_as_a_statement_that_is_planned_each_time(
    database: Database, note: str | None, numbers: list[int] | None
) -> None:
    """Also with no value, with an empty list and with what has to be quoted."""
    with database.transaction() as connection:
        connection.execute(INSERT)
        assert ask(connection, KEPT, note, numbers) == ask(connection, PLAIN, note, numbers)


def test_a_session_plans_it_once(database: Database) -> None:
    """Also when the transaction in which it did is rolled back."""
    with pytest.raises(RuntimeError), database.transaction() as connection:
        ask(connection, KEPT, None, None)
        raise RuntimeError
    with database.transaction() as connection:
        for numbers in ([1], [1, 2, 3], [1]):
            ask(connection, KEPT, "one", numbers)
        assert connection.execute(PREPARED).scalars().all() == [4]


def test_another_session_plans_it_for_itself(database: Database) -> None:
    with database.transaction() as first, database.transaction() as second:
        assert ask(first, KEPT, None, [1]) == ask(second, KEPT, None, [1])


def test_a_failed_statement_is_no_reason_to_prepare_it_again(database: Database) -> None:
    divided = kept(text("SELECT 1 / CAST(:by AS integer) AS ratio"))
    with pytest.raises(Exception, match="division by zero"), database.transaction() as connection:
        connection.execute(divided, {"by": 0})
    with database.transaction() as connection:
        assert connection.execute(divided, {"by": 1}).scalar_one() == 1


def test_every_parameter_has_a_type(database: Database) -> None:
    with pytest.raises(KeyError, match="moment"), database.transaction() as connection:
        connection.execute(kept(text("SELECT :moment - interval '1 day'")), {"moment": NOON})
    with pytest.raises(ProgrammingError), database.transaction() as connection:
        connection.execute(kept(text("SELECT CAST(:note AS no_such_type)")), {"note": "one"})


def test_the_same_text_with_other_types_is_another_statement() -> None:
    text_of, number = (prepare("SELECT %(value)s", {"value": kind}) for kind in ("text", "integer"))
    assert text_of.name != number.name


def test_a_plan_is_made_anew_once_its_table_has_grown_and_was_analysed(
    database: Database, owner: Engine, owner_url: str
) -> None:
    """What a session plans beside empty tables does not go on reading them whole."""
    reading = kept(text("SELECT effect.note FROM effect WHERE effect.note = :note"), note="text")
    with owner.begin() as growing:
        growing.execute(text("CREATE INDEX ix_note ON effect (note)"))
    try:
        analyze(owner_url)
        with database.transaction() as connection:
            connection.execute(reading, {"note": "1"})
            assert "Seq Scan" in _plan_of_all(connection)
        with owner.begin() as growing:
            growing.execute(text("INSERT INTO effect SELECT i::text FROM generate_series(1, 20000) AS i"))
        with database.transaction() as connection:
            assert "Seq Scan" in _plan_of_all(connection)
        analyze(owner_url)
        with database.transaction() as connection:
            assert "ix_note" in _plan_of_all(connection)
    finally:
        with owner.begin() as growing:
            growing.execute(text("DROP INDEX ix_note"))


def _plan_of_all(connection: Connection) -> str:
    (name,) = connection.execute(text("SELECT name FROM pg_prepared_statements")).scalars()
    return "\n".join(connection.execute(text(f"EXPLAIN EXECUTE {name} ('1')")).scalars())


def test_a_session_goes_on_when_what_it_reads_is_altered(database: Database, owner: Engine) -> None:
    """promise A5: an added column and an index are nothing to a statement that names its columns."""
    reading = kept(
        text("SELECT wide.note FROM (SELECT * FROM effect) AS wide WHERE wide.note <> :other"), other="text"
    )
    other = {"other": "two"}
    with database.transaction() as connection:
        connection.execute(reading, other)
    added = "ALTER TABLE effect ADD COLUMN more integer", "CREATE INDEX ix_more ON effect (more)"
    try:
        with owner.begin() as changing:
            for statement in added:
                changing.execute(text(statement))
        with database.transaction() as connection:
            connection.execute(INSERT)
            assert set(connection.execute(reading, other).scalars()) == {"one", "three"}
    finally:
        with owner.begin() as changing:
            changing.execute(text("ALTER TABLE effect DROP COLUMN more"))
