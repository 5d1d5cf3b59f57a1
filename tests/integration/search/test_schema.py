"""The migrations make the tables that the code knows, and give the service no right too many."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from services.search.store.tables import metadata
from shared.database.migrate import differences
from shared.database.transaction import Transaction


def test_tables_and_migrations_are_equal(owner: Engine) -> None:
    """A column that only one of both knows would fail in production first."""
    with owner.connect() as connection:
        assert differences(connection, metadata) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM provider",
        "DELETE FROM review",
        "TRUNCATE outbox",
        "ALTER TABLE provider ADD COLUMN x int",
        "DROP TABLE review",
    ],
)
def test_the_service_may_not(transaction: Transaction, statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction() as connection:
        connection.execute(text(statement))
