"""Migrations: alone, bounded in what they wait for, and equal to the tables that the code declares."""

import importlib
import logging
import sys
import textwrap
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    NullPool,
    Table,
    Text,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.exc import OperationalError

from shared.database import idempotency, migrate, schema
from shared.messages import tables
from tests.fixtures.waiting import wait_until

ENVIRONMENT = """
from sqlalchemy import Column, Integer, Table
from shared.database import alembic_environment, schema
metadata = schema.metadata()
Table("thing", metadata, Column("id", Integer, primary_key=True))
alembic_environment.run(metadata)
"""
FIRST = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "0001", None, None, None
def upgrade():
    op.execute("CREATE TABLE thing (id integer NOT NULL CONSTRAINT pk_thing PRIMARY KEY)")
    op.execute("INSERT INTO thing VALUES (1)")
    op.execute("SELECT pg_sleep(0.3)")
"""
SECOND = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None
def upgrade():
    op.execute("ALTER TABLE thing ADD COLUMN size integer")
"""
THIRD = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None
def upgrade():
    op.execute("LOCK TABLE thing")
    op.execute("SELECT pg_advisory_xact_lock(7)")
    op.execute("LOCK TABLE other")
"""


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    """A package with migrations, as a service has them."""
    name = f"pack{uuid.uuid4().hex[:8]}"
    versions = tmp_path / name / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    (versions.parent / "env.py").write_text(textwrap.dedent(ENVIRONMENT))
    (versions / "0001_thing.py").write_text(textwrap.dedent(FIRST))
    (versions / "0002_size.py").write_text(textwrap.dedent(SECOND))
    sys.path.insert(0, str(tmp_path))
    importlib.invalidate_caches()
    yield name
    sys.path.remove(str(tmp_path))


@pytest.fixture
def empty_url(admin_url: str) -> Iterator[str]:
    name = f"care_migrate_{uuid.uuid4().hex[:8]}"
    admin = create_engine(admin_url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def version(url: str) -> str:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_two_pods_that_migrate_at_once_both_succeed(package: str, empty_url: str) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            migrate.upgrade(package, empty_url, waiting=quick())
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert version(empty_url) == "0002"


def test_a_migration_gives_up_a_lock_that_it_does_not_get_and_tries_again(
    package: str, empty_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_SECONDS", 0.1)
    migrate.upgrade(package, empty_url, "0001")
    blocker = create_engine(empty_url, poolclass=NullPool).connect()
    blocker.execute(text("SELECT * FROM thing"))
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            blocker.close()

    with caplog.at_level(logging.WARNING):
        migrate.upgrade(package, empty_url, waiting=migrate.Waiting(sleep, lambda: 0.5))
    assert version(empty_url) == "0002"
    assert pauses == [1.0, 2.0]


def test_a_migration_that_was_ended_to_break_a_deadlock_is_tried_again(
    package: str, empty_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """promise A1: a request had one of its tables and waited for another."""
    migrate.upgrade(package, empty_url)
    versions = tmp_path / package / "migrations" / "versions"
    (versions / "0003_order.py").write_text(textwrap.dedent(THIRD))
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE other (id integer)"))
        connection.execute(text(f"ALTER DATABASE {engine.url.database} SET deadlock_timeout = '50ms'"))
    with (
        engine.connect() as gate,
        engine.connect() as request,
        ThreadPoolExecutor(2) as pool,
        caplog.at_level(logging.WARNING),
    ):
        # The last to wait finds the deadlock and is ended, unless it looks too late.
        request.execute(text("SET deadlock_timeout = '1min'"))
        request.execute(text("LOCK TABLE other"))
        gate.execute(text("SELECT pg_advisory_lock(7)"))
        migrating = pool.submit(migrate.upgrade, package, empty_url, waiting=quick())
        wait_until(lambda: _waiting(engine) == 1, "the migration to be between its tables")
        asking = pool.submit(_lock_and_end, request)
        wait_until(lambda: _waiting(engine) == 2, "the request to wait for it")
        gate.execute(text("SELECT pg_advisory_unlock(7)"))
        gate.rollback()
        asking.result()
        migrating.result()
    assert version(empty_url) == "0003"
    assert caplog.messages.count("migration_waits_for_lock") == 1


def _lock_and_end(request: Connection) -> None:
    request.execute(text("LOCK TABLE thing"))
    request.rollback()


def _waiting(engine: Engine) -> int:
    """How many sessions wait for a lock in this database."""
    waiting = "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
    with engine.connect() as connection:
        return int(
            connection.execute(
                text(waiting + "WHERE datname = current_database() AND NOT granted")
            ).scalar_one()
        )


def test_a_migration_that_never_gets_its_lock_fails(
    package: str, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_SECONDS", 0.05)
    migrate.upgrade(package, empty_url, "0001")
    with create_engine(empty_url, poolclass=NullPool).connect() as blocker:
        blocker.execute(text("SELECT * FROM thing"))
        with pytest.raises(OperationalError):
            migrate.upgrade(package, empty_url, waiting=quick())
    assert version(empty_url) == "0001"


def test_differences_between_tables_and_migrations_are_told(package: str, empty_url: str) -> None:
    migrate.upgrade(package, empty_url, waiting=quick())
    metadata = schema.metadata()
    with create_engine(empty_url, poolclass=NullPool).connect() as connection:
        assert [change[0] for change in migrate.differences(connection, metadata)] == ["remove_table"]


def test_the_tables_of_the_floor_are_what_their_statements_make(owner: Engine) -> None:
    """Migrations call the statements; code uses the tables: they must say the same."""
    metadata = schema.metadata()
    tables.outbox_table(metadata)
    tables.inbox_table(metadata)
    tables.relay_lease_table(metadata)
    tables.job_table(metadata)
    idempotency.idempotency_table(metadata)
    Table("effect", metadata, Column("note", Text, nullable=False))
    with owner.connect() as connection:
        assert migrate.differences(connection, metadata) == []
        metadata.tables["inbox"].append_column(Column("another", Integer))
        assert len(migrate.differences(connection, metadata)) == 1


def quick() -> migrate.Waiting:
    return migrate.Waiting(sleep=lambda seconds: threading.Event().wait(0.1), jitter=lambda: 0.0)
