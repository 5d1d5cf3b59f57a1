"""The rights at the broker that Kubernetes gives each service: enough for all that it does, and no more.

promise A2: a service hears what it listens to and sends what is its own.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from amqp import Message
from amqp.exceptions import AccessRefused
from kombu.connection import Connection
from kombu.utils.url import parse_url

from deploy.local.stack import Stack
from deploy.manifests.render import render
from services.gateway import invalidation
from services.gateway.realtime.relay import Binding, Relay
from shared.messages import broker, topology
from shared.messages.rpc_client import RpcClient
from shared.messages.topology import Topology
from shared.worker.rpc import request_queue
from tests.architecture.queues import events_heard_by
from tests.architecture.source import SERVICES, WORKERS
from tests.fixtures.waiting import wait_until

CALLERS = ("gateway", "payment")
"""Who asks others by RPC."""


class Accounts:
    """An account for each service in a virtual host of its own, with the rights of deploy/k8s."""

    def __init__(self, stack: Stack) -> None:
        self._address = parse_url(stack.amqp_uri)
        self.host = f"rights-{uuid.uuid4().hex[:8]}"
        specs = [one["spec"] for one in render("platform").of_kind("Permission")]
        assert sorted(spec["userReference"]["name"] for spec in specs) == sorted(SERVICES)
        rights = {self._name(spec["userReference"]["name"]): spec["permissions"] for spec in specs}
        stack.add_broker_accounts(self.host, rights)

    def uri(self, service: str) -> str:
        name = self._name(service)
        place = f"{self._address['hostname']}:{self._address['port']}"
        return f"pyamqp://{name}:{name}@{place}/{self.host}"

    def _name(self, service: str) -> str:
        return f"{service}-of-{self.host}"


class Nobody:
    """Whom the sockets' relay tells."""

    def on_messages(self, messages: Sequence[tuple[str, bytes]]) -> None: ...

    def on_restored(self) -> None: ...


@pytest.fixture(scope="module")
def accounts(stack: Stack) -> Accounts:
    """Every service's topology declared by its own account, as a first start does."""
    accounts = Accounts(stack)
    for service in SERVICES:
        with Connection(accounts.uri(service)) as connection:
            topology.declare(connection, _topology(service))
            if service in WORKERS:
                request_queue(service)(connection.channel()).declare()
    return accounts


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_do_what_it_does(service: str, accounts: Accounts) -> None:
    with _channel(accounts, service) as channel:
        for queue in _topology(service).queues:
            channel.basic_consume(queue.name, consumer_tag=queue.name)
            channel.basic_cancel(queue.name)
        for exchange in (topology.events_exchange(service), "nameko-rpc", ""):
            channel.basic_publish_confirm(Message("{}"), exchange, "nobody.listens")


@pytest.mark.parametrize("service", CALLERS)
def test_who_asks_others_gets_answers(service: str, accounts: Accounts) -> None:
    client = RpcClient(accounts.uri(service), service)
    client.start()
    try:
        wait_until(lambda: client.is_connected, "the client to be connected")
    finally:
        client.stop()


def test_sockets_hear_what_somebody_watches(accounts: Accounts) -> None:
    relay = Relay(accounts.uri("gateway"), Nobody())
    relay.start()
    try:
        bound = relay.change([Binding("booking.events", "*.one.#"), Binding("payment.events", "*.one.#")])
        assert bound.wait(10)
    finally:
        relay.stop()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_not_speak_for_another(service: str, accounts: Accounts) -> None:
    for other in set(SERVICES) - {service}:
        with _channel(accounts, service) as channel, pytest.raises(AccessRefused):
            channel.basic_publish_confirm(Message("{}"), topology.events_exchange(other), "nobody.listens")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_not_read_for_another(service: str, accounts: Accounts) -> None:
    for other in set(SERVICES) - {service}:
        for queue in _topology(other).queues[:1]:
            with _channel(accounts, service) as channel, pytest.raises(AccessRefused):
                channel.basic_consume(queue.name)
        if other in WORKERS:
            with _channel(accounts, service) as channel, pytest.raises(AccessRefused):
                channel.basic_consume(topology.rpc_queue(other))


def _topology(service: str) -> Topology:
    if service == "gateway":
        return invalidation.declared()
    return topology.describe(service, events_heard_by(service))


@contextmanager
def _channel(accounts: Accounts, service: str) -> Iterator[Any]:
    connection = broker.connect(accounts.uri(service), f"rights of {service}")
    try:
        yield connection.channel()
    finally:
        broker.close(connection)
