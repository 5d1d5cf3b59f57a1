"""A migration that is killed after it has committed a part of itself is run again, and then is whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, text

from shared.database import migrate, revisions
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database

INVALID = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{}'::regclass"
HALF_MADE = """
SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
UNION SELECT conname::text FROM pg_constraint WHERE NOT convalidated
"""


class CutOffError(Exception):
    """The process ends here."""


class _Cuts:
    """Ends each migration that commits a part of itself twice: when that is committed, and when all is done
    but not noted, with the indexes that it has made beside writes left half made.
    """

    def __init__(self) -> None:
        self.number = 0
        self._begin()

    def before(
        self, connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        if cursor.connection.autocommit and "pg_try_advisory_lock" not in statement:
            self._commits_parts = True
            if "first part" not in self._done:
                self._cut("first part")
        elif statement.startswith("UPDATE alembic_version"):
            if self._commits_parts and "last part" not in self._done:
                for name in self._indexes:
                    cursor.execute(INVALID.format(name))
                cursor.connection.commit()
                self._cut("last part")
            self._begin()

    def after(
        self, connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        if "CREATE" in statement and " INDEX CONCURRENTLY " in statement:
            self._indexes.append(statement.partition(" ON ")[0].split()[-1])

    def _begin(self) -> None:
        self._commits_parts = False
        self._done: set[str] = set()
        self._indexes: list[str] = []

    def _cut(self, part: str) -> None:
        self._done.add(part)
        self.number += 1
        raise CutOffError(part)


@contextmanager
def _cutting() -> Iterator[_Cuts]:
    cuts = _Cuts()
    event.listen(Engine, "before_cursor_execute", cuts.before)
    event.listen(Engine, "after_cursor_execute", cuts.after)
    try:
        yield cuts
    finally:
        event.remove(Engine, "before_cursor_execute", cuts.before)
        event.remove(Engine, "after_cursor_execute", cuts.after)


def _migrated(database: ServiceDatabase, package: str, head: str) -> bool:
    try:
        migrate.upgrade(package, database.owner_url, head)
    except CutOffError:
        return False
    return True


@pytest.mark.parametrize(("service", "least"), [("booking", 16), ("notify", 8), ("payment", 26)])
def test_a_migration_that_was_cut_off_is_whole_after_the_next_attempt(service: str, least: int) -> None:
    """promise A5: whatever was committed by then, and whatever index was left half made."""
    package = f"services.{service}"
    head = ScriptDirectory.from_config(revisions.alembic_config(package)).get_current_head()
    assert head
    with service_database(service, "0001") as database:
        with _cutting() as cuts:
            while not _migrated(database, package, head):
                pass
        assert cuts.number >= least
        engine = owner_engine(database.owner_url)
        with engine.connect() as connection:
            assert not connection.execute(text(HALF_MADE)).all()
            metadata = import_module(f"{package}.store.tables").metadata
            assert not migrate.differences(connection, metadata)
        engine.dispose()
