"""A database of notify as the migrations make it, used with the rights of the service and no more."""

import os
import uuid
import zoneinfo
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from shared.database.migrate import upgrade
from shared.database.schema import app_role
from shared.database.transaction import Database, Transaction

PASSWORD = "notify-test"

# Zone data comes from the pinned package, as in every process of the platform.
zoneinfo.reset_tzpath(to=())


@pytest.fixture(scope="session")
def admin_url() -> str:
    url = os.environ.get("TEST_DATABASE_ADMIN_URL", "")
    if not url:
        pytest.fail("TEST_DATABASE_ADMIN_URL is not set: run the tests by `make test`", pytrace=False)
    return url


@pytest.fixture(scope="session")
def name() -> str:
    """Of the database and of the role."""
    return f"care_notify_test_{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def owner_url(admin_url: str, name: str) -> Iterator[str]:
    """The address of a migrated database, as the administrator; makes a role with the service's rights."""
    with _administrator(admin_url).connect() as connection:
        roles = connection.execute(text("SELECT rolname FROM pg_roles")).scalars().all()
        if app_role("notify") not in roles:
            connection.execute(text(f"CREATE ROLE {app_role('notify')}"))
        connection.execute(
            text(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE {app_role('notify')}")
        )
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    upgrade("services.notify", url)
    yield url
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}"))


@pytest.fixture(scope="session")
def owner(owner_url: str) -> Iterator[Engine]:
    """Looks at tables, and does what the service may not."""
    engine = create_engine(owner_url, poolclass=NullPool, connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def database(owner_url: str, name: str) -> Iterator[Database]:
    url = make_url(owner_url).set(username=name, password=PASSWORD)
    made = Database(url.render_as_string(hide_password=False), pool_size=5, application_name="notify test")
    yield made
    made.dispose()


@pytest.fixture
def transaction(database: Database) -> Transaction:
    return database.transaction


def _administrator(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
