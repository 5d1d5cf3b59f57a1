"""Real servers for the tests of the floor: a database of its own, names of its own on the broker."""

import uuid
from collections.abc import Iterator

import amqp
import pytest
from kombu.utils.url import parse_url
from marshmallow import Schema, fields
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from shared.contracts.declaration import EventType, MethodKind, RpcMethod
from shared.contracts.fields import Instant
from shared.database import idempotency, schema
from shared.database.schema import APP_NOW_SQL, app_role
from shared.database.transaction import Database
from shared.messages import broker, tables, topology
from tests.fixtures.servers import address, owner_engine
from tests.integration.shared.proxy import Proxy

PASSWORD = "floor-test"


@pytest.fixture(scope="session")
def service() -> str:
    """The name of a service that nobody else tests."""
    return f"floor{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def admin_url() -> str:
    return address("TEST_DATABASE_ADMIN_URL")


@pytest.fixture(scope="session")
def owner_url(admin_url: str, service: str) -> Iterator[str]:
    """A database with the tables of a service, by its owner; the app role has the rights of real life."""
    name = f"care_{service}"
    admin = create_engine(admin_url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"CREATE ROLE {app_role(service)} LOGIN PASSWORD '{PASSWORD}'"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    owner = create_engine(url, poolclass=NullPool)
    with owner.begin() as connection:
        statements = [
            APP_NOW_SQL,
            *tables.message_tables_sql(service),
            *tables.job_table_sql(service),
            tables.job_done_index_sql(),
            tables.job_parked_index_sql(),
            tables.job_trace_column_sql(),
            *idempotency.table_sql(service),
            "CREATE TABLE effect (note text NOT NULL)",
            *schema.grants_sql(service, [("effect", "SELECT, INSERT, DELETE")]),
        ]
        for statement in statements:
            connection.execute(text(statement))
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {app_role(service)}"))


@pytest.fixture(scope="session")
def database_url(owner_url: str, service: str) -> str:
    url = make_url(owner_url).set(
        drivername="postgresql+psycopg2", username=app_role(service), password=PASSWORD
    )
    return url.render_as_string(hide_password=False)


@pytest.fixture
def owner(owner_url: str) -> Iterator[Engine]:
    """Every table is empty before the test."""
    engine = owner_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE outbox, inbox, relay_lease, job, idempotency, effect"))
    yield engine
    engine.dispose()


@pytest.fixture
def database(database_url: str, owner: Engine) -> Iterator[Database]:
    made = Database(database_url, pool_size=10, application_name="floor test")
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def amqp_uri() -> str:
    return address("TEST_AMQP_URI")


class NoteSchema(Schema):
    note = fields.String(required=True)
    at = Instant(load_default=None, allow_none=True)
    idempotency_key = fields.String()


@pytest.fixture(scope="session")
def happened(service: str) -> EventType:
    return EventType(service, "something_happened", 1, NoteSchema)


@pytest.fixture(scope="session")
def question(service: str) -> RpcMethod:
    return RpcMethod(service, "read_note", MethodKind.QUESTION, NoteSchema, NoteSchema)


@pytest.fixture(scope="session")
def command(service: str) -> RpcMethod:
    return RpcMethod(service, "write_note", MethodKind.COMMAND, NoteSchema, NoteSchema)


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[amqp.Channel]:
    connection = broker.connect(amqp_uri, "floor test")
    yield connection.channel()
    broker.close(connection)


@pytest.fixture
def declared(channel: amqp.Channel, service: str, happened: EventType) -> Iterator[topology.Topology]:
    """The queues of a handler of `happened`, with delays of one second, gone after the test."""
    described = topology.describe(service, [happened], retry_seconds=(1, 1))
    topology.declare(channel.connection, described)
    yield described
    with broker_channel(channel) as cleaning:
        for queue in described.queues:
            cleaning.queue_delete(queue.name)
        for exchange in described.exchanges:
            cleaning.exchange_delete(exchange)


class broker_channel:  # noqa: N801 - reads as a function
    """A fresh channel of the same connection: the test may have closed its own by an error."""

    def __init__(self, channel: amqp.Channel) -> None:
        self._connection = channel.connection

    def __enter__(self) -> amqp.Channel:
        self._channel = self._connection.channel()
        return self._channel

    def __exit__(self, *error: object) -> None:
        self._channel.close()


@pytest.fixture
def broker_proxy(amqp_uri: str) -> Iterator[Proxy]:
    address = parse_url(amqp_uri)
    proxy = Proxy(address["hostname"], int(address["port"] or 5672))
    yield proxy
    proxy.stop()


@pytest.fixture
def proxied_amqp_uri(amqp_uri: str, broker_proxy: Proxy) -> str:
    address = parse_url(amqp_uri)
    host = f"127.0.0.1:{broker_proxy.port}"
    credentials = f"{address['userid']}:{address['password']}"
    return f"pyamqp://{credentials}@{host}/{(address['virtual_host'] or '/').replace('/', '%2F')}"
