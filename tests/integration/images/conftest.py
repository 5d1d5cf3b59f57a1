"""The containers of docker-compose.yml as processes, on servers and a virtual host of their own."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.compose.environment import new_environment
from deploy.local.accounts import make_data_folder, server_account
from deploy.local.instance import SERVICES, WORKERS, Instance
from deploy.local.ports import free_port
from deploy.local.servers.postgresql import PostgreSQL
from deploy.local.servers.server import start_server, stop_server
from deploy.local.stack import Stack
from deploy.local.waiting import exchange
from tests.fixtures.compose import read_compose
from tests.fixtures.waiting import wait_until
from tests.integration.images.engine import Engine

VIRTUAL_HOST = "images"


class Ports:
    """Free ports of this machine, each given once."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._given: list[int] = []

    def next(self) -> int:
        self._given.append(free_port(self._instance, self._given))
        return self._given[-1]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's."""
    path = Path(tempfile.mkdtemp(prefix="care-images-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def ports(folder: Path) -> Ports:
    return Ports(Instance("test-images", folder))


@pytest.fixture(scope="session")
def compose(stack: Stack) -> dict[str, Any]:
    """docker-compose.yml with new secrets, but for the broker's, which is the tests' own."""
    return read_compose({**new_environment(), "RABBITMQ_PASSWORD": stack.wiring.secrets["rabbitmq_password"]})


@pytest.fixture(scope="session")
def postgres(compose: dict[str, Any], folder: Path, ports: Ports) -> Iterator[PostgreSQL]:
    """An empty PostgreSQL with the containers' password, in place of the container `postgres`."""
    instance = Instance("test-images", folder)
    account = server_account("postgres")
    instance.make_folder()
    make_data_folder(instance, [account])
    password = compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    server = PostgreSQL(instance, account, ports.next(), password)
    start_server(server)
    yield server
    stop_server(server)


@pytest.fixture(scope="session")
def redis_port(compose: dict[str, Any], folder: Path, ports: Ports) -> Iterator[int]:
    """A Redis by the command of the container `redis`."""
    port = ports.next()
    service = compose["services"]["redis"]
    command = [*service["command"], "--port", str(port), "--bind", "127.0.0.1"]
    password = service["environment"]["REDISCLI_AUTH"]
    with running(subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)):
        wait_until(lambda: exchange(port, f"AUTH {password}\r\n".encode(), 3) == b"+OK", "the cache")
        yield port


@pytest.fixture(scope="session")
def databases(compose: dict[str, Any], postgres: PostgreSQL) -> PostgreSQL:
    """PostgreSQL after the container `databases`, run twice, as by two `docker compose up`."""
    service = compose["services"]["databases"]
    program, *arguments = service["entrypoint"]
    script = Path(service["volumes"][0].split(":")[0]).resolve()
    here = {"/databases.sql": str(script), "postgres": "postgres"}
    for _ in range(2):
        subprocess.run(
            [postgres.program_path(program), *(here.get(word, word) for word in arguments)],
            env={**service["environment"], "PGHOSTADDR": "127.0.0.1", "PGPORT": str(postgres.port)},
            check=True,
            capture_output=True,
            text=True,
        )
    return postgres


@pytest.fixture(scope="session")
def engine(
    compose: dict[str, Any], folder: Path, ports: Ports, databases: PostgreSQL, redis_port: int, stack: Stack
) -> Engine:
    """The engine with every address that a container names."""
    stack.add_virtual_hosts(VIRTUAL_HOST)
    gateway, standin, proxy = ports.next(), ports.next(), ports.next()
    addresses = {
        "postgres:5432": f"127.0.0.1:{databases.port}",
        "rabbitmq:5672/care": f"127.0.0.1:{stack.ports['rabbitmq']}/{VIRTUAL_HOST}",
        "redis:6379": f"127.0.0.1:{redis_port}",
        "gateway:3000": f"127.0.0.1:{gateway}",
        "127.0.0.1:8420": f"127.0.0.1:{standin}",
        "0.0.0.0:8420": f"127.0.0.1:{standin}",
        "127.0.0.1:8421": f"127.0.0.1:{proxy}",
        "http://collector:4318": "",
        "/demo-data": str(folder / "demo-data"),
    }
    own = {name: {"HEALTH_PORT": str(ports.next()), "HEALTH_HOST": "127.0.0.1"} for name in WORKERS}
    door = {
        "HEALTH_PORT": str(ports.next()),
        "HEALTH_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(gateway),
        "GATEWAY_HOST": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1",  # the journey's visitors come from addresses of their own
    }
    moved = {"standin-proxy": {"PROXY_PORT": str(proxy)}}
    return Engine(compose, folder, addresses, {**own, "gateway": door, **moved})


@pytest.fixture(scope="session")
def migrated(engine: Engine) -> dict[str, "subprocess.CompletedProcess[str]"]:
    """What each container with migrations said."""
    return {service: engine.run(f"migrate-{service}") for service in SERVICES}


@pytest.fixture(scope="session")
def services(engine: Engine, migrated: object) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """All five services, healthy by their own health checks."""
    with ExitStack() as ending:
        processes = {service: ending.enter_context(started(engine, service)) for service in SERVICES}
        for service in SERVICES:
            wait_healthy(engine, service, processes[service])
        yield processes


@pytest.fixture(scope="session")
def standin(engine: Engine, services: object) -> Iterator[Engine]:
    """The engine with Stripe's stand-in and its proxy, which share payment's network."""
    with started(engine, "standin") as standin, started(engine, "standin-proxy") as proxy:
        wait_healthy(engine, "standin", standin)
        wait_healthy(engine, "standin-proxy", proxy)
        yield engine


def wait_healthy(engine: Engine, name: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait for the container's own health check; a process that ended says why."""
    wait_until(
        lambda: process.poll() is not None or engine.is_healthy(name),
        f"{name} to be healthy",
        seconds=60,
        poll=0.25,  # each time a Python is started
    )
    assert process.poll() is None, engine.log(name).read_text(encoding="utf-8")


def started(engine: Engine, name: str) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """The container, until it is ended as an engine ends it."""
    return running(engine.start(name), engine.grace_seconds(name))


@contextmanager
def running(
    process: "subprocess.Popen[bytes]", grace_seconds: int = 5
) -> Iterator["subprocess.Popen[bytes]"]:
    """End the process at the end, whatever happened; by force when it takes too long."""
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
