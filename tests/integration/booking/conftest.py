"""A database of booking as the migrations make it, used with the rights of the service and no more."""

import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from services.booking.settings import BookingSettings
from shared.database.transaction import Database, Transaction
from tests.fixtures.database_clock import clock_offset
from tests.fixtures.servers import ServiceDatabase, address, owner_engine, service_database
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger

# Zone data comes from the pinned package, as in every process of the platform.
zoneinfo.reset_tzpath(to=())

MoveClock = Callable[[timedelta], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def own() -> Iterator[ServiceDatabase]:
    with service_database("booking") as made:
        yield made


@pytest.fixture(scope="session")
def owner(own: ServiceDatabase) -> Iterator[Engine]:
    engine = owner_engine(own.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def database_url(own: ServiceDatabase) -> str:
    """With the rights of the service."""
    return own.url


@pytest.fixture(scope="session")
def database(database_url: str) -> Iterator[Database]:
    """The database with the rights of the service."""
    made = Database(database_url, pool_size=10, application_name="booking test")
    yield made
    made.dispose()


@pytest.fixture
def transaction(database: Database) -> Transaction:
    return database.transaction


@pytest.fixture
def settings(database_url: str) -> BookingSettings:
    return BookingSettings(database_url=database_url, amqp_uri="")


@pytest.fixture
def desk(transaction: Transaction, settings: BookingSettings) -> Desk:
    """What customers do, at providers that no other test books."""
    return Desk(transaction, settings)


@pytest.fixture
def ledger(owner: Engine) -> Ledger:
    """What is written in the tables."""
    return Ledger(owner)


@pytest.fixture
def move_clock(own: ServiceDatabase) -> MoveClock:
    """Within the block, the database's clock is ahead."""
    return lambda offset: clock_offset(address("TEST_DATABASE_ADMIN_URL"), own.name, offset)
