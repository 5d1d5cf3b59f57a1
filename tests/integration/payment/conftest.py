"""A database of payment's own with its real migrations and rights, and the stand-in behind its proxy."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.payment.clients.request_record import record_to
from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.clients.stripe_webhooks import WebhookReader
from services.payment.settings import Mode, PaymentSettings
from services.payment.store import commission_rules
from services.payment.usecases.desk import Desk
from shared.database.transaction import Database
from shared.settings import Profile
from tests.fixtures.database_clock import clock_offset
from tests.fixtures.servers import ServiceDatabase, address, owner_engine, service_database
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.records import clear
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.standin import KEY, SECRET, StandIn, WebhookInbox, running_standin
from tests.integration.payment.visits import with_account

MoveClock = Callable[[timedelta], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def own() -> Iterator[ServiceDatabase]:
    with service_database("payment") as made:
        yield made


@pytest.fixture(scope="session")
def database_url(own: ServiceDatabase) -> str:
    """Sessions of this address have the rights of payment's role and no others."""
    return own.url


@pytest.fixture(scope="session")
def all_rights(own: ServiceDatabase) -> Iterator[Engine]:
    engine = owner_engine(own.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def owner(all_rights: Engine) -> Engine:
    """Sees and may do everything; all tables are empty before the test."""
    clear(all_rights)
    return all_rights


@pytest.fixture(scope="session")
def common_database(database_url: str) -> Iterator[Database]:
    """One for all tests: each new one would open its connections and compile every statement again."""
    made = Database(database_url, pool_size=10, application_name="payment tests")
    yield made
    made.dispose()


@pytest.fixture
def database(common_database: Database, owner: Engine) -> Database:
    """With the rights of the service; all tables are empty before the test."""
    return common_database


@pytest.fixture
def move_clock(own: ServiceDatabase) -> MoveClock:
    """Within the block, the database's clock is ahead."""
    return lambda offset: clock_offset(address("TEST_DATABASE_ADMIN_URL"), own.name, offset)


@pytest.fixture(scope="session")
def webhook_inbox() -> Iterator[WebhookInbox]:
    inbox = WebhookInbox()
    yield inbox
    inbox.stop()


@pytest.fixture(scope="session")
def running(webhook_inbox: WebhookInbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder: Path = tmp_path_factory.mktemp("standin")
    with running_standin(webhook_inbox.url, folder) as standin:
        yield standin


@pytest.fixture
def standin(running: StandIn) -> StandIn:
    """No faults are open, no calls are counted and nothing is stored yet."""
    running.forget()
    return running


@pytest.fixture
def settings(database_url: str, running: StandIn) -> PaymentSettings:
    return PaymentSettings(
        profile=Profile.TEST,
        database_url=database_url,
        amqp_uri="",
        stripe_secret_key=KEY,
        stripe_api_base=running.url,
        stripe_webhook_secrets=("whsec_of_yesterday", SECRET),
    )


@pytest.fixture
def bookings() -> Bookings:
    return Bookings()


@pytest.fixture
def gateway(settings: PaymentSettings) -> StripeGateway:
    record = record_to(os.environ.get("TEST_STRIPE_REQUEST_RECORD", ""))
    return StripeGateway(stripe_client(settings), Mode.STAND_IN, nullcontext, record)


@pytest.fixture
def desk(
    database: Database,
    settings: PaymentSettings,
    gateway: StripeGateway,
    bookings: Bookings,
    standin: StandIn,
) -> Desk:
    """What a process of payment works with; booking is the tests' own."""
    with database.transaction() as connection:
        commission_rules.seed(connection, settings.commission_rate)
    desk = Desk(
        transaction=database.transaction,
        reading=database.reading,
        mode=Mode.STAND_IN,
        provider=gateway,
        ask_booking=bookings.prepare,
        read_webhook=WebhookReader(settings.stripe_webhook_secrets, Mode.STAND_IN),
        seconds_left=lambda: 15.0,
        resume_seconds=0,
    )
    bookings.publish_provider(desk)
    return desk


@pytest.fixture
def scripted(gateway: StripeGateway) -> ScriptedProvider:
    """A provider of payments that answers as a test says; requests are built and checked by the real one."""
    return ScriptedProvider(gateway)


@pytest.fixture
def paying(desk: Desk, scripted: ScriptedProvider, bookings: Bookings, owner: Engine) -> Desk:
    """A desk before it, of a carer whose account may pay out."""
    with_account(owner, bookings.provider_id)
    return replace(desk, provider=scripted, mode=Mode.SANDBOX)
