"""A database of booking as the migrations make it, used with the rights of the service and no more."""

import os
import uuid
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from services.booking.settings import BookingSettings
from shared.database.migrate import upgrade
from shared.database.schema import app_role
from shared.database.transaction import Database, Transaction
from tests.fixtures.database_clock import clock_offset
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger

PASSWORD = "booking-test"

# Zone data comes from the pinned package, as in every process of the platform.
zoneinfo.reset_tzpath(to=())

MoveClock = Callable[[timedelta], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def admin_url() -> str:
    url = os.environ.get("TEST_DATABASE_ADMIN_URL", "")
    if not url:
        pytest.fail("TEST_DATABASE_ADMIN_URL is not set: run the tests by `make test`", pytrace=False)
    return url


@pytest.fixture(scope="session")
def name() -> str:
    """Of the database and of the role; the clock's fixture ends the sessions of roles named care_*."""
    return f"care_booking_test_{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def login(admin_url: str, name: str) -> Iterator[str]:
    """A role that may do what the service may do; servers without a running stack lack the service's."""
    with _administrator(admin_url).connect() as connection:
        roles = connection.execute(text("SELECT rolname FROM pg_roles")).scalars().all()
        if app_role("booking") not in roles:
            connection.execute(text(f"CREATE ROLE {app_role('booking')}"))
        connection.execute(
            text(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE {app_role('booking')}")
        )
    yield name
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(f"DROP ROLE {name}"))


@pytest.fixture(scope="session")
def owner_url(admin_url: str, name: str, login: str) -> Iterator[str]:
    """The address of a migrated database, as the administrator."""
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    upgrade("services.booking", url)
    yield url
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def owner(owner_url: str) -> Iterator[Engine]:
    """Looks at tables, and does what the service may not."""
    engine = create_engine(owner_url, poolclass=NullPool, connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def database_url(owner_url: str, login: str) -> str:
    url = make_url(owner_url).set(username=login, password=PASSWORD)
    return url.render_as_string(hide_password=False)


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
def move_clock(admin_url: str, name: str) -> MoveClock:
    """Within the block, the database's clock is ahead."""
    return lambda offset: clock_offset(admin_url, name, offset)


def _administrator(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
