"""A database of search as the migrations make it, used with the rights of the service and no more."""

import os
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from shared.database.migrate import upgrade
from shared.database.schema import app_role
from shared.database.transaction import Database, Transaction
from tests.integration.search.making import clear

PASSWORD = "search-test"


@pytest.fixture(scope="session")
def admin_url() -> str:
    url = os.environ.get("TEST_DATABASE_ADMIN_URL", "")
    if not url:
        pytest.fail("TEST_DATABASE_ADMIN_URL is not set: run the tests by `make test`", pytrace=False)
    return url


@pytest.fixture(scope="session")
def login(admin_url: str) -> Iterator[str]:
    """A role that may do what the service may do; servers without a running stack lack the service's."""
    name = f"search_test_{uuid.uuid4().hex[:8]}"
    with _administrator(admin_url).connect() as connection:
        roles = connection.execute(text("SELECT rolname FROM pg_roles")).scalars().all()
        if app_role("search") not in roles:
            connection.execute(text(f"CREATE ROLE {app_role('search')}"))
        connection.execute(
            text(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE {app_role('search')}")
        )
    yield name
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(f"DROP ROLE {name}"))


@pytest.fixture(scope="session")
def owner_url(admin_url: str, login: str) -> Iterator[str]:
    """The address of a migrated database, as the administrator."""
    name = f"search_test_{uuid.uuid4().hex[:8]}"
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    upgrade("services.search", url)
    yield url
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def owner(owner_url: str) -> Iterator[Engine]:
    """Looks at tables, and does what the service may not."""
    engine = create_engine(owner_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def empty(owner: Engine) -> None:
    """Nothing is stored when a test starts."""
    clear(owner)


@pytest.fixture(scope="session")
def database(owner_url: str, login: str) -> Iterator[Database]:
    """The database with the rights of the service."""
    url = make_url(owner_url).set(username=login, password=PASSWORD)
    made = Database(url.render_as_string(hide_password=False), pool_size=5, application_name="search test")
    yield made
    made.dispose()


@pytest.fixture
def transaction(database: Database, empty: None) -> Transaction:
    return database.transaction


def _administrator(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
