"""A gateway process with nothing but sockets, before a broker behind a proxy."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import amqp
import orjson
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kombu.utils.url import parse_url

from services.gateway.accounts.tokens import AccessTokens, Principal
from shared import clock
from shared.contracts.declaration import EventType
from shared.ids import new_id
from shared.messages import broker
from shared.messages.envelope import Event
from tests.fixtures.realtime_client import RealtimeClient
from tests.fixtures.servers import address
from tests.fixtures.tcp_proxy import TcpProxy
from tests.fixtures.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(__file__).resolve().parent


@dataclass
class SocketGateway:
    """The process, its broker, and what is needed to talk to both."""

    url: str
    process: subprocess.Popen[bytes]
    broker: TcpProxy
    tokens: AccessTokens
    amqp_uri: str

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.broker.end()

    def token(self, user_id: str, *memberships: str, valid_for: timedelta = timedelta(minutes=15)) -> str:
        return self.tokens.sign(
            Principal(
                user_id=user_id,
                session_id=new_id(),
                roles=("customer",),
                memberships=memberships,
                locale="en",
                token_version=1,
                expires_at=clock.now() + valid_for,
            )
        )

    def connect(self, user_id: str, *memberships: str) -> RealtimeClient:
        return RealtimeClient(self.url).sign_in(self.token(user_id, *memberships))

    def open_sockets(self) -> int:
        return self._count("open")

    def flooded_sockets(self) -> int:
        """How many were closed since the start because frames came faster than answers."""
        return self._count("flooded")

    def _count(self, what: str) -> int:
        count: int = requests.get(f"{self.url}/sockets", timeout=5).json()[what]
        return count

    def publish(
        self, event_type: EventType, data: dict[str, Any], provider: str, user: str | None, times: int = 1
    ) -> Event:
        """Send events as a service's relay does, not through the proxy; answers the last."""
        connection = broker.connect(self.amqp_uri, "realtime test")
        try:
            channel = connection.channel()
            for _ in range(times):
                event = Event(
                    type=event_type,
                    aggregate_id=new_id(),
                    aggregate_version=1,
                    provider_id=provider,
                    user_id=user,
                    data=event_type.data().load(data),
                    occurred_at=clock.now(),
                )
                message = amqp.Message(orjson.dumps(event.to_wire()), content_type="application/json")
                channel.basic_publish(message, event_type.exchange, event.routing_key())
        finally:
            broker.close(connection)
        return event


@pytest.fixture(scope="session")
def start_gateway() -> Iterator[Callable[[], SocketGateway]]:
    started: list[SocketGateway] = []

    def start() -> SocketGateway:
        started.append(_start())
        return started[-1]

    yield start
    for gateway in started:
        gateway.end()


@pytest.fixture(scope="session")
def gateway(start_gateway: Callable[[], SocketGateway]) -> SocketGateway:
    return start_gateway()


def _start() -> SocketGateway:
    amqp_uri = address("TEST_AMQP_URI")
    behind = parse_url(amqp_uri)
    proxy = TcpProxy(str(behind["hostname"]), int(behind["port"] or 5672))
    host = (behind["virtual_host"] or "/").replace("/", "%2F")
    proxied = f"pyamqp://{behind['userid']}:{behind['password']}@127.0.0.1:{proxy.port}/{host}"
    key = (
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    )
    port = _free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "-c", str(FOLDER / "gunicorn.conf.py")),
            *("-b", f"127.0.0.1:{port}", "tests.integration.realtime.app:app"),
        ],
        cwd=ROOT,
        env={**os.environ, "JWT_PRIVATE_KEY": key, "AMQP_URI": proxied, "PYTHONPATH": str(ROOT)},
    )
    url = f"http://127.0.0.1:{port}"
    gateway = SocketGateway(url, process, proxy, AccessTokens(key, clock.now), amqp_uri)
    try:
        wait_until(lambda: _is_alive(url), "the gateway of sockets", seconds=30)
    except AssertionError:
        gateway.end()
        raise
    return gateway


def _is_alive(url: str) -> bool:
    try:
        return requests.get(f"{url}/alive", timeout=1).ok
    except requests.RequestException:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
