"""Waiting for migrations as the app role, and rolling back beside a database that is ahead."""

import importlib
import sys
import textwrap
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from shared.database import migrate, wait_for_schema
from shared.database.revisions import Standing, compare
from shared.database.schema import app_role
from tests.fixtures.waiting import wait_until

ENVIRONMENT = """
from shared.database import alembic_environment, schema
alembic_environment.run(schema.metadata())
"""
MIGRATION = """
from alembic import op
revision, down_revision, branch_labels, depends_on = {revision!r}, {before!r}, None, None
def upgrade():
    op.execute("CREATE TABLE {table} (id integer PRIMARY KEY)")
"""
PASSWORD = "wait-test"


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    """A package with two migrations, as a release of a service has them."""
    name = f"pack{uuid.uuid4().hex[:8]}"
    versions = tmp_path / name / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    (versions.parent / "env.py").write_text(textwrap.dedent(ENVIRONMENT))
    (versions / "0001_one.py").write_text(MIGRATION.format(revision="0001", before=None, table="one"))
    (versions / "0002_two.py").write_text(MIGRATION.format(revision="0002", before="0001", table="two"))
    sys.path.insert(0, str(tmp_path))
    importlib.invalidate_caches()
    yield name
    sys.path.remove(str(tmp_path))


@pytest.fixture
def owner_url(admin_url: str, package: str) -> Iterator[str]:
    """An empty database of the package, and the role of its service."""
    name, role = f"care_{package}", app_role(package)
    admin = create_engine(admin_url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"))
    yield make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {role}"))


@pytest.fixture
def app_url(owner_url: str, package: str) -> str:
    role = make_url(owner_url).set(username=app_role(package), password=PASSWORD)
    return role.render_as_string(hide_password=False)


def test_a_process_waits_until_its_migrations_have_run(package: str, owner_url: str, app_url: str) -> None:
    """promise A5: a service and its migrations may be applied in any order."""
    looks, found = threading.Semaphore(0), []

    def sleep(_seconds: float) -> None:
        looks.release()
        threading.Event().wait(0.02)

    waiting = threading.Thread(
        target=lambda: found.append(wait_for_schema.wait(package, app_url, sleep)), daemon=True
    )
    waiting.start()
    assert looks.acquire(timeout=10), "an empty database is not what it needs"
    migrate.upgrade(package, owner_url, "0001")
    for _ in range(3):
        assert looks.acquire(timeout=10), "half of the migrations are not enough"
    migrate.upgrade(package, owner_url)
    wait_until(lambda: found, "the process to go on")
    assert found == [Standing.CURRENT]


def test_a_database_that_is_away_is_waited_for(package: str, owner_url: str, app_url: str) -> None:
    migrate.upgrade(package, owner_url)
    looks: list[float] = []
    with pytest.raises(LookupError):
        wait_for_schema.wait(package, str(make_url(app_url).set(port=1)), _third_time(looks))
    assert len(looks) == 3


def test_a_release_is_rolled_back_beside_a_database_that_is_ahead(
    package: str, owner_url: str, app_url: str, tmp_path: Path
) -> None:
    """promise A5: the release before knows nothing of the newest migration, and starts all the same."""
    migrate.upgrade(package, owner_url)
    next((tmp_path / package).rglob("0002_two.py")).unlink()
    migrate.upgrade(package, owner_url)
    assert wait_for_schema.wait(package, app_url) is Standing.AHEAD


def test_where_a_database_stands() -> None:
    known = {"0001", "0002"}
    assert compare(None, "0002", known) is Standing.BEHIND
    assert compare("0001", "0002", known) is Standing.BEHIND
    assert compare("0002", "0002", known) is Standing.CURRENT
    assert compare("0003", "0002", known) is Standing.AHEAD


def _third_time(looks: list[float]) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            raise LookupError

    return sleep
