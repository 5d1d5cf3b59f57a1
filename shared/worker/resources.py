"""What a process of a service opens once and every request uses: settings, database, relay, peers."""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Any, ClassVar

from nameko.extensions import DependencyProvider

from shared import logs
from shared.contracts.declaration import Caller, RpcMethod
from shared.database.transaction import PROBES, Database, Transaction
from shared.errors import deadline_exceeded
from shared.messages.relay import Relay
from shared.messages.rpc_client import RpcClient
from shared.messages.topology import events_exchange
from shared.settings import WorkerSettings, load
from shared.worker import deadline
from shared.worker.internet import InternetLimit

log = logging.getLogger(__name__)


class Peers:
    """Calls to other services within what is left of the running request's time."""

    def __init__(self, client: RpcClient) -> None:
        self._client = client

    def call(self, method: RpcMethod, request: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Ask another service, for the same caller.

        Raises `deadline_exceeded` when no time is left, else what RpcClient.call raises.
        """
        seconds = deadline.remaining_seconds(method.deadline_seconds)
        if seconds <= 0:
            raise deadline_exceeded()
        return self._client.call(method, request, caller, seconds)


class Resources(DependencyProvider):  # type: ignore[misc]
    """The one place of a service that opens things. Each service has a subclass:

        class BookingResources(Resources):
            settings_type = BookingSettings
            settings: BookingSettings

    `build` and `close` are for what a service needs besides. The service's methods get this object.
    Stop order: consumers drain, then `close`, the relay sends the rest, peers, the pool.
    """

    settings_type: ClassVar[type[WorkerSettings]] = WorkerSettings
    calls_peers: ClassVar[bool] = False
    """Whether the service may call another one; only payment calls booking."""

    settings: WorkerSettings
    database: Database
    relay: Relay
    internet: InternetLimit
    peers: Peers

    _probe: Database
    _client: RpcClient | None = None
    _relay_started = False

    @property
    def transaction(self) -> Transaction:
        return self.database.transaction

    @property
    def reading(self) -> Transaction:
        """For use cases that write nothing and lock nothing."""
        return self.database.reading

    def build(self) -> None:
        """Make what this service needs besides; settings and database are there."""

    def close(self) -> None:
        """Close what `build` opened."""

    def setup(self) -> None:
        service = self.container.service_name
        self.settings = load(self.settings_type, os.environ)
        holder = f"{service}@{socket.gethostname()}:{os.getpid()}"
        url = self.settings.database_url
        # Of its own, so that a pool in full use doesn't look like a database that is away.
        self._probe = Database(url, pool_size=1, application_name=f"{service} health", pool=PROBES)
        self.database = Database(url, pool_size=self.settings.database_pool_size, application_name=holder)
        self.database.refuse_clock_offset(self.settings.profile)
        self.internet = InternetLimit.for_workers(self.settings.max_workers)
        self.relay = Relay(self.settings.relay_url, self.settings.amqp_uri, events_exchange(service), holder)
        self.database.after_commit(self.relay.wake)
        if self.calls_peers:
            self._client = RpcClient(self.settings.amqp_uri, service)
            self.peers = Peers(self._client)
        self.build()

    def start(self) -> None:
        self.relay.start()
        self._relay_started = True
        if self._client is not None:
            self._client.start()

    def stop(self) -> None:
        """Called when no request, event or timer is in work any more."""
        self.close()
        if self._relay_started and not self.relay.stop():
            logs.event(log, logging.WARNING, "outbox_not_emptied")
        if self._client is not None:
            self._client.stop()
        self.database.dispose()
        self._probe.dispose()

    def database_answers(self) -> bool:
        """For readiness."""
        return self._probe.ping()

    def get_dependency(self, worker_ctx: Any) -> "Resources":
        return self
