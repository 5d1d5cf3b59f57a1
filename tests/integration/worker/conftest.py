"""A database and a service name of its own for each run, and processes that run the probe service."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

# Before the probe's contract is imported: it takes its name from here, and the processes inherit it.
NAME = os.environ.setdefault("PROBE_NAME", f"probe{secrets.token_hex(4)}")

import pytest  # noqa: E402
from kombu.connection import Connection  # noqa: E402
from sqlalchemy import Engine, create_engine, make_url, text  # noqa: E402

from shared.contracts.declaration import Caller, RpcMethod  # noqa: E402
from shared.database.schema import APP_NOW_SQL  # noqa: E402
from shared.messages import topology  # noqa: E402
from shared.messages.publisher import ConfirmingPublisher, Outgoing  # noqa: E402
from shared.messages.rpc_client import RpcClient  # noqa: E402
from shared.messages.tables import message_tables_sql  # noqa: E402
from tests.fixtures.servers import address  # noqa: E402
from tests.fixtures.tcp_proxy import TcpProxy  # noqa: E402
from tests.integration.worker import probe_contract as contract  # noqa: E402
from tests.integration.worker.probe_process import MODULE, ProbeProcess  # noqa: E402

TABLES = """
CREATE TABLE note (
    number serial PRIMARY KEY, kind text NOT NULL, name text NOT NULL, more text NOT NULL DEFAULT ''
);
CREATE TABLE switch (failing boolean NOT NULL);
INSERT INTO switch VALUES (false);
"""


class StartProbe(Protocol):
    """Starts a process; by default it is ready when it is returned."""

    def __call__(self, *, ready: bool = True, module: str = MODULE, **environment: str) -> ProbeProcess: ...


class Notes:
    """What the probe's processes wrote down in their database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def names(self, kind: str) -> list[str]:
        return [name for name, _ in self._rows(kind)]

    def more(self, kind: str, name: str) -> list[str]:
        return [more for each, more in self._rows(kind) if each == name]

    def make_handler_fail(self, failing: bool) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("UPDATE switch SET failing = :failing"), {"failing": failing})

    def _rows(self, kind: str) -> list[tuple[str, str]]:
        query = text("SELECT name, more FROM note WHERE kind = :kind ORDER BY number")
        with self._engine.begin() as connection:
            return [(row.name, row.more) for row in connection.execute(query, {"kind": kind})]


@pytest.fixture(scope="session")
def amqp_uri() -> str:
    return address("TEST_AMQP_URI")


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    admin_url = make_url(address("TEST_DATABASE_ADMIN_URL"))
    admin = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    url = admin_url.set(database=NAME).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (APP_NOW_SQL, TABLES, *message_tables_sql(NAME)):
            if not statement.startswith("GRANT"):
                connection.exec_driver_sql(statement)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session", autouse=True)
def _no_queues_left(amqp_uri: str) -> Iterator[None]:
    yield
    with Connection(amqp_uri) as connection:
        channel: Any = connection.channel()
        names = [
            queue.name for queue in topology.describe(NAME, [contract.THING_HAPPENED], (1, 1, 1, 1)).queues
        ]
        for name in (*names, topology.rpc_queue(NAME)):
            with suppress(Exception):
                channel.queue_delete(name)
        channel.exchange_delete(topology.events_exchange(NAME))


@pytest.fixture
def notes(database_url: str) -> Iterator[Notes]:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE note")
        connection.exec_driver_sql("UPDATE switch SET failing = false")
    yield Notes(engine)
    engine.dispose()


@contextmanager
def starting(database_url: str, amqp_uri: str, folder: Path) -> Iterator[StartProbe]:
    """Starts processes; ends them with the block."""
    processes: list[ProbeProcess] = []

    def start(*, ready: bool = True, module: str = MODULE, **environment: str) -> ProbeProcess:
        settings = {
            contract.NAME_VARIABLE: NAME,
            "DATABASE_URL": database_url,
            "AMQP_URI": amqp_uri,
            "EVENT_RETRY_SECONDS": "1,1,1,1",
            **environment,
        }
        process = ProbeProcess(settings, folder, module)
        processes.append(process)
        if ready:
            process.await_ready()
        return process

    try:
        yield start
    finally:
        for process in processes:
            # Not killed at once: the relay of the next test would wait for the lease of this one.
            process.terminate()
        for process in processes:
            process.end()


@pytest.fixture
def start(database_url: str, amqp_uri: str, tmp_path: Path) -> Iterator[StartProbe]:
    with starting(database_url, amqp_uri, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def lasting_process(
    database_url: str, amqp_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProbeProcess]:
    with starting(database_url, amqp_uri, tmp_path_factory.mktemp("probe")) as start:
        yield start()


@pytest.fixture
def process(lasting_process: ProbeProcess, notes: Notes) -> ProbeProcess:
    """One process for the tests of a module that leave it as it was; its log begins with the test."""
    lasting_process.forget()
    return lasting_process


@pytest.fixture
def client(amqp_uri: str) -> Iterator[RpcClient]:
    client = RpcClient(amqp_uri, "probe-tests")
    client.start()
    yield client
    client.stop()


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(client: RpcClient) -> Ask:
    """Ask the probe as a certain user: `ask(contract.ECHO, text="hello")`."""

    def ask(method: RpcMethod, *, within: float | None = None, **request: Any) -> dict[str, Any]:
        return client.call(method, request, Caller(user_id="somebody", request_id="request-1"), within)

    return ask


PublishRaw = Callable[[str, bytes], None]


@pytest.fixture
def publish_raw(amqp_uri: str) -> Iterator[PublishRaw]:
    """Put bytes into a queue as if a producer had gone mad."""
    publisher = ConfirmingPublisher(amqp_uri, "probe-tests")

    def publish(queue: str, body: bytes) -> None:
        message = Outgoing("", queue, body, "message-1", mandatory=True)
        assert publisher.publish([message]) == {"message-1"}

    yield publish
    publisher.close()


@pytest.fixture
def broker_proxy(amqp_uri: str) -> Iterator[TcpProxy]:
    parts = urlsplit(amqp_uri)
    with TcpProxy(parts.hostname or "127.0.0.1", parts.port or 5672) as proxy:
        yield proxy


@pytest.fixture
def proxied_amqp_uri(amqp_uri: str, broker_proxy: TcpProxy) -> str:
    parts = urlsplit(amqp_uri)
    account = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{account}@127.0.0.1:{broker_proxy.port}").geturl()


@pytest.fixture
def database_proxy(database_url: str) -> Iterator[TcpProxy]:
    url = make_url(database_url)
    with TcpProxy(url.host or "127.0.0.1", url.port or 5432) as proxy:
        yield proxy


@pytest.fixture
def proxied_database_url(database_url: str, database_proxy: TcpProxy) -> str:
    url = make_url(database_url).set(host="127.0.0.1", port=database_proxy.port)
    return url.render_as_string(hide_password=False)
