"""A database of search as the migrations make it, used with the rights of the service and no more."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from shared.database.transaction import Database, Transaction
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database
from tests.integration.search.making import clear


@pytest.fixture(scope="session")
def own() -> Iterator[ServiceDatabase]:
    with service_database("search") as made:
        yield made


@pytest.fixture(scope="session")
def owner(own: ServiceDatabase) -> Iterator[Engine]:
    engine = owner_engine(own.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def empty(owner: Engine) -> None:
    """Nothing is stored when a test starts."""
    clear(owner)


@pytest.fixture(scope="session")
def database(own: ServiceDatabase) -> Iterator[Database]:
    """The database with the rights of the service."""
    made = Database(own.url, pool_size=5, application_name="search test")
    yield made
    made.dispose()


@pytest.fixture
def transaction(database: Database, empty: None) -> Transaction:
    return database.transaction
