"""The gateway under gunicorn, before scripted services, with proxies before broker and Redis."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import amqp
import orjson
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kombu.utils.url import parse_url
from sqlalchemy import Engine, make_url, text

from services.gateway.accounts.tokens import AccessTokens
from shared import clock
from shared.contracts.declaration import EventType
from shared.errors import ServiceError, unavailable
from shared.ids import new_id
from shared.messages import broker, topology
from shared.messages.envelope import Event
from tests.fixtures.servers import ServiceDatabase
from tests.fixtures.tcp_proxy import TcpProxy
from tests.fixtures.waiting import wait_until
from tests.integration.shared.peer import Peer

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ("search", "booking", "payment", "notify")
STOP_SECONDS = 90
ENDS_SECONDS = 60
"""An end that waits for something that will not come takes STOP_SECONDS; any other is far from this."""
Script = Callable[[dict[str, Any]], dict[str, Any]]


class Backstage:
    """All services at once: answers by script, refuses what no script is for, counts everything."""

    def __init__(self, amqp_uri: str) -> None:
        self.scripts: dict[str, Script] = {}
        self.callers: list[dict[str, Any]] = []
        self._calls: list[str] = []
        self._lock = threading.Lock()
        self._peers = [Peer(amqp_uri, service, self._answer) for service in SERVICES]

    def stop(self) -> None:
        for peer in self._peers:
            peer.stop()

    def count(self, method: str) -> int:
        with self._lock:
            return self._calls.count(method)

    def _answer(self, method: str, request: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._calls.append(method)
            self.callers.append(headers)
        try:
            script = self.scripts.get(method)
            if script is None:
                raise unavailable()
            return {"result": script(request), "error": None}
        except ServiceError as refusal:
            wire = {"exc_type": "ServiceError", "exc_args": [refusal.to_wire()], "value": "", "exc_path": ""}
            return {"result": None, "error": wire}


@dataclass(frozen=True)
class GatewayDatabase:
    """A migrated database of its own, and how the service's role reaches it."""

    own: ServiceDatabase
    owner: Engine

    @property
    def app_url(self) -> str:
        return self.own.url

    def rows(self, table: str, condition: str = "true") -> int:
        with self.owner.connect() as connection:
            return int(
                connection.execute(text(f"SELECT count(*) FROM {table} WHERE {condition}")).scalar_one()
            )


@dataclass
class Gateway:
    """A running gateway and everything around it."""

    url: str
    operator_url: str
    process: subprocess.Popen[bytes]
    log: Path
    tokens: AccessTokens
    redis: TcpProxy
    broker: TcpProxy
    database: GatewayDatabase
    backstage: Backstage
    amqp_uri: str

    def emit(self, event_type: EventType, data: Mapping[str, Any], provider: str | None = None) -> None:
        """Send an event as a service's relay does."""
        event = Event(
            type=event_type,
            aggregate_id=new_id(),
            aggregate_version=1,
            provider_id=provider,
            user_id=None,
            data=event_type.data().load(data),
            occurred_at=clock.now(),
        )
        self.send_raw(event_type, orjson.dumps(event.to_wire()))

    def send_raw(self, event_type: EventType, body: bytes) -> None:
        connection = broker.connect(self.amqp_uri, "gateway test")
        message = amqp.Message(body, content_type="application/json", delivery_mode=2)
        connection.channel().basic_publish(message, event_type.exchange, f"{event_type.name}.-.-")
        broker.close(connection)

    def waiting(self, queue: str) -> int:
        """How many messages wait in one of the gateway's own queues."""
        connection = broker.connect(self.amqp_uri, "gateway test")
        count: int = connection.channel().queue_declare(queue, passive=True).message_count
        broker.close(connection)
        return count

    def parts(self) -> dict[str, str]:
        parts: dict[str, str] = requests.get(f"{self.url}/health", timeout=10).json()["parts"]
        return parts

    def wait_until_whole(self) -> None:
        """Until every part is up, several times in a row: both processes were asked."""
        wait_until(
            lambda: all(set(self.parts().values()) == {"up"} for _ in range(6)), "the gateway", seconds=90
        )

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_SECONDS + 10)
        self.redis.end()
        self.broker.end()


def start_gateway(
    database: GatewayDatabase,
    amqp_uri: str,
    redis_url: str,
    folder: Path,
    backstage: Backstage | None = None,
) -> Gateway:
    """Start one that is whole; the caller stops it, and its backstage when none was given."""
    gateway = launch_gateway(database, amqp_uri, redis_url, folder, backstage)
    wait_until(lambda: _answers(gateway.url), "gunicorn", seconds=90)
    gateway.wait_until_whole()
    return gateway


def launch_gateway(
    database: GatewayDatabase,
    amqp_uri: str,
    redis_url: str,
    folder: Path,
    backstage: Backstage | None = None,
    configuration: str = "services/gateway/gunicorn.conf.py",
) -> Gateway:
    """Like `start_gateway`, but it has only begun to start."""
    broker_address, redis_address = parse_url(amqp_uri), make_url(redis_url)
    broker_proxy = TcpProxy(broker_address["hostname"], int(broker_address["port"] or 5672))
    redis_proxy = TcpProxy(redis_address.host or "", redis_address.port or 6379)
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    port, health_port = _free_port(), _free_port()
    log = folder / f"gateway-{port}.log"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PROFILE": "test",
        "DATABASE_URL": database.app_url,
        "AMQP_URI": amqp_uri.replace(
            f"{broker_address['hostname']}:{broker_address['port']}", f"127.0.0.1:{broker_proxy.port}"
        ),
        "REDIS_URL": redis_address.set(host="127.0.0.1", port=redis_proxy.port).render_as_string(
            hide_password=False
        ),
        "GATEWAY_PORT": str(port),
        "HEALTH_PORT": str(health_port),
        "JWT_PRIVATE_KEY": key.decode(),
        "TRUSTED_PROXIES": "127.0.0.1",
        "STOP_SECONDS": str(STOP_SECONDS),
    }
    command = [
        "-m",
        "gunicorn",
        "-c",
        configuration,
        "services.gateway.app:create_app()",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    return Gateway(
        url=f"http://127.0.0.1:{port}",
        operator_url=f"http://127.0.0.1:{health_port}",
        process=process,
        log=log,
        tokens=AccessTokens(key.decode(), clock.now),
        redis=redis_proxy,
        broker=broker_proxy,
        database=database,
        backstage=backstage or Backstage(amqp_uri),
        amqp_uri=amqp_uri,
    )


def forget_queues(amqp_uri: str) -> None:
    """Take the gateway's queues away, so that a run leaves nothing."""
    connection = broker.connect(amqp_uri, "gateway test")
    channel = connection.channel()
    channel.queue_delete("gateway.cache")
    channel.queue_delete(topology.parked_queue("gateway"))
    broker.close(connection)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/live", timeout=2).ok
    except requests.RequestException:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
