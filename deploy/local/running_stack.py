"""A stack as one sees it from outside: its addresses, what runs, and for tests the means to break it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import running
from deploy.local.broker_orders import (
    add_accounts,
    add_virtual_hosts,
    messages_by_queue,
    undelivered_messages,
)
from deploy.local.credentials import credentials_of
from deploy.local.failure import LaunchError
from deploy.local.instance import ROOT, SERVICES, Instance
from deploy.local.machine import Servers, servers_of
from deploy.local.outboxes import unsent_events
from deploy.local.ports import free_port, ports_of
from deploy.local.processes import PREDECESSOR, SUCCESSOR
from deploy.local.servers.server import Server, identity, kill_server, start_server, stop_server
from deploy.local.variables import Wiring, migration_environment, service_environment
from deploy.local.waiting import answers_ok, wait_until

_RESTART_SECONDS = 60


@dataclass(frozen=True)
class ProcessState:
    """A process or server as it is now; without `pid` it does not run."""

    name: str
    pid: int | None
    is_ready: bool
    restarts: int
    address: str


class RunningStack:
    """The stack of an instance. `settings` go over the caller's environment (`{"HOLD_SECONDS": "5"}`).

    `root`: the clone whose code runs, for tests a copy of this one.
    """

    def __init__(
        self, name: str = "demo", settings: Mapping[str, str] | None = None, root: Path = ROOT
    ) -> None:
        self.instance = Instance(name, root)
        self.settings = dict(settings or {})

    def is_up(self) -> bool:
        """True when the supervisor runs and the gateway is ready."""
        return running.is_supervised(self.instance) and answers_ok(f"{self.url}/health/ready")

    # Addresses

    @property
    def ports(self) -> dict[str, int]:
        return ports_of(self.instance)

    @property
    def url(self) -> str:
        """The gateway."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def standin_proxy_url(self) -> str:
        """The proxy before Stripe's stand-in; tests ask its /_proxy/calls and /_proxy/faults."""
        return f"http://127.0.0.1:{self.ports['standin-proxy']}"

    @property
    def wiring(self) -> Wiring:
        caller = {**os.environ, **self.settings}
        return Wiring(self.instance, self.ports, credentials_of(self.instance), caller)

    @property
    def amqp_uri(self) -> str:
        return self.wiring.amqp_uri

    @property
    def redis_url(self) -> str:
        return self.wiring.redis_url

    def database_url(self, service: str, role: str = "app") -> str:
        """Address of a service's database as its app or owner role."""
        return self.wiring.database_url(service, role)

    def admin_database_url(self, service: str | None) -> str:
        """Address of a service's database as the superuser; None: of the server's own database."""
        url = self.wiring.database_url(service or "", "postgres")
        return url if service else url.replace("/care_", "/postgres")

    def health_url(self, process: str) -> str:
        """The health listener of a process, without the path."""
        ready_url: str = running.processes(self.instance)[process]["ready_url"]
        return ready_url.removesuffix("/health/ready")

    def scrape_targets(self) -> list[dict[str, object]]:
        """Where each process tells its metrics, in the form of Prometheus; `job` is the service."""
        return [
            {"targets": [self.health_url(name).removeprefix("http://")], "labels": {"job": service}}
            for name in running.processes(self.instance)
            for service in SERVICES
            if name == service or name.startswith(f"{service}-")
        ]

    def environment(self, service: str) -> dict[str, str]:
        """The environment of a process of the service."""
        return service_environment(self.wiring, service, self.ports[f"{service}-health"])

    def migration_environment(self, service: str) -> dict[str, str]:
        """The environment of the service's migrations."""
        return migration_environment(self.wiring, service)

    # Asking

    def status(self) -> list[ProcessState]:
        """Every server and process of the instance."""
        rows = [self._server_state(server) for server in self._servers().all()] if self.ports else []
        for name, item in running.processes(self.instance).items():
            is_ready = item["pid"] is not None and answers_ok(item["ready_url"])
            rows.append(ProcessState(name, item["pid"], is_ready, item["restarts"], item["address"]))
        return rows

    def pids(self) -> dict[str, int]:
        """The number of every process that runs (services, gateway, stand-in)."""
        processes = running.processes(self.instance)
        return {name: item["pid"] for name, item in processes.items() if item["pid"]}

    def server_pids(self) -> dict[str, int]:
        """The number of every server that runs (PostgreSQL, RabbitMQ, its port mapper, Redis)."""
        return {server.name: known.pid for server in self._servers().all() if (known := identity(server))}

    def unsent_events(self) -> int:
        """Rows in the outboxes of all services."""
        ours = [service for service in SERVICES if self.wiring.own_database(service) is None]
        return unsent_events(self._servers().postgresql, ours)

    def undelivered_messages(self) -> int:
        """Messages that wait in a queue or are in work, without the parked ones."""
        return undelivered_messages(self._servers().rabbitmq)

    def messages_by_queue(self) -> dict[str, int]:
        """The same by the queue's name, with the parked ones."""
        return messages_by_queue(self._servers().rabbitmq)

    def wait_ready(self, *names: str, timeout_seconds: float = _RESTART_SECONDS) -> None:
        """Wait until the processes, or all of them, are ready. Raises LaunchError with a log."""
        running.wait_ready(self.instance, names, timeout_seconds)

    # Breaking it, for tests

    def signal(self, name: str, which: str) -> None:
        """Send a signal, as SIGSTOP or SIGKILL, to the process or server of that name."""
        pid = {**self.server_pids(), **self.pids()}[name]
        os.kill(pid, signal.Signals[which])

    def restart(self, process: str) -> None:
        """End the process by SIGTERM, start it anew and wait until it is ready."""
        before = self.pids().get(process)
        running.order(self.instance, "restart", process)
        if not wait_until(lambda: self.pids().get(process) not in (None, before), _RESTART_SECONDS):
            raise LaunchError(f"{process} did not start anew within {_RESTART_SECONDS} s")
        self.wait_ready(process)

    def stop_process(self, process: str) -> None:
        """End the process by SIGTERM and keep it down; returns when it has ended."""
        running.order(self.instance, "stop", process)
        if not wait_until(lambda: process not in self.pids(), _RESTART_SECONDS):
            raise LaunchError(f"{process} did not end within {_RESTART_SECONDS} s")

    def start_process(self, process: str) -> None:
        """Start a process that was stopped; returns when it is ready."""
        running.order(self.instance, "start", process)
        self.wait_ready(process)

    def start_extra(self, service: str, number: int = 2) -> str:
        """Start one more process of a worker; its name, as `booking-2`, when it is ready."""
        name = f"{service}-{number}"
        port = free_port(self.instance)
        running.order(self.instance, "add", name, service=service, health_port=port)
        self.wait_ready(name)
        return name

    def roll(self, process: str) -> None:
        """Replace a service's process or the gateway without a gap; returns when the old one has ended.

        As Kubernetes does with `maxUnavailable: 0`: the new one is started and ready first, then the old
        one gets SIGTERM. Raises LaunchError when the new one does not come up; then the old one stays.
        """
        new, old = process + SUCCESSOR, process + PREDECESSOR
        running.order(self.instance, "add_successor", process, health_port=free_port(self.instance))
        try:
            self.wait_ready(new)
        except LaunchError:
            running.order(self.instance, "take_away", new)
            raise
        running.order(self.instance, "hand_over", process)
        if not wait_until(lambda: old not in running.processes(self.instance), _RESTART_SECONDS):
            raise LaunchError(f"the old {process} did not end within {_RESTART_SECONDS} s")

    def add_virtual_hosts(self, *names: str) -> None:
        """Make virtual hosts of the broker, for tests that must not meet the services' queues."""
        add_virtual_hosts(self._servers().rabbitmq, names)

    def add_broker_accounts(self, host: str, rights: Mapping[str, Mapping[str, str]]) -> None:
        """Make a virtual host with accounts, for tests of rights: by name, which is the password too."""
        add_accounts(self._servers().rabbitmq, host, rights)

    def stop_server(self, name: str, *, is_killed: bool = False) -> None:
        """End postgresql, rabbitmq, epmd or redis, orderly or as a power cut would."""
        server = self._servers().named(name)
        if is_killed:
            kill_server(server)
        stop_server(server)

    def start_server(self, name: str) -> None:
        """Start a server with the data that it had; returns when it is ready."""
        start_server(self._servers().named(name))

    # The parts

    def _servers(self) -> Servers:
        return servers_of(self.instance, self.ports, credentials_of(self.instance))

    def _server_state(self, server: Server) -> ProcessState:
        known = identity(server)
        address = f"127.0.0.1:{self.ports[server.name]}"
        return ProcessState(
            server.name, known.pid if known else None, bool(known) and server.is_ready(), 0, address
        )
