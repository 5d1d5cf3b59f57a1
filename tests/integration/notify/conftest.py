"""A database of notify as the migrations make it, used with the rights of the service and no more."""

import zoneinfo
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from shared.database.transaction import Database, Transaction
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database

# Zone data comes from the pinned package, as in every process of the platform.
zoneinfo.reset_tzpath(to=())


@pytest.fixture(scope="session")
def own() -> Iterator[ServiceDatabase]:
    with service_database("notify") as made:
        yield made


@pytest.fixture(scope="session")
def owner(own: ServiceDatabase) -> Iterator[Engine]:
    engine = owner_engine(own.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def database(own: ServiceDatabase) -> Iterator[Database]:
    """The database with the rights of the service."""
    made = Database(own.url, pool_size=5, application_name="notify test")
    yield made
    made.dispose()


@pytest.fixture
def transaction(database: Database) -> Transaction:
    return database.transaction
