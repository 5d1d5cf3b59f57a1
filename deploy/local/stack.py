"""One whole stack: bringing it up and ending it."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local import running
from deploy.local.accounts import make_data_folder, remove_data_folder
from deploy.local.databases import make_databases
from deploy.local.instance import ROOT, SERVICES
from deploy.local.limits import allow_many_files
from deploy.local.machine import SERVER_PORTS, server_accounts
from deploy.local.migrations import migrate
from deploy.local.parallel import together
from deploy.local.ports import choose_ports
from deploy.local.progress import Progress
from deploy.local.running_stack import RunningStack
from deploy.local.servers.server import identity, start_server, stop_in_order, stop_server
from deploy.local.setup.environments import OURS

_READY_SECONDS = 90


class Stack(RunningStack):
    """The stack of an instance, with the means to start and stop it."""

    def __init__(
        self,
        name: str = "demo",
        settings: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        root: Path = ROOT,
    ) -> None:
        super().__init__(name, settings, root)
        self._progress = progress or Progress(is_silent=True)

    def start(self, *, is_fresh: bool = False, on_servers: Callable[[], None] = lambda: None) -> None:
        """Bring everything up and wait until it is ready. Raises LaunchError with what went wrong.

        What runs already is used; processes are started anew when code or settings changed. With `is_fresh`
        all data are thrown away first. `on_servers` is called when servers and databases are there.
        """
        allow_many_files()
        self.instance.make_folder()
        with self._alone():
            if is_fresh:
                self._stop()
                remove_data_folder(self.instance)
            if not running.is_supervised(self.instance):
                running.end_leftovers(self.instance)
            choose_ports(self.instance, self._is_ours)
            self._start_servers()
            on_servers()
            with self._progress.step("services"):
                running.start_processes(self.wiring)
                self.wait_ready(timeout_seconds=_READY_SECONDS)

    def stop(self) -> None:
        """End all of the instance and nothing else; data stay."""
        if self.instance.folder.exists():
            with self._alone():
                self._stop()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two starts or stops of one instance come one after the other."""
        with (self.instance.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._progress.say("another command works on this instance; waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _start_servers(self) -> None:
        make_data_folder(self.instance, list(server_accounts().values()))
        servers = self._servers()
        with self._progress.step("PostgreSQL with databases and migrations, RabbitMQ, Redis"):
            together(
                self._start_databases,
                lambda: (start_server(servers.epmd), start_server(servers.rabbitmq)),
                lambda: start_server(servers.redis),
            )

    def _start_databases(self) -> None:
        wiring, server = self.wiring, self._servers().postgresql
        ours = [service for service in SERVICES if wiring.own_database(service) is None]
        start_server(server)
        make_databases(server, ours, wiring.secrets)
        migrate(wiring, OURS.python, SERVICES)

    def _stop(self) -> None:
        running.stop_processes(self.instance)
        running.end_leftovers(self.instance)
        if self.ports:
            servers = self._servers()
            together(
                lambda: stop_server(servers.postgresql),
                lambda: stop_in_order(servers.rabbitmq, servers.epmd),
                lambda: stop_server(servers.redis),
            )

    def _is_ours(self, port_name: str) -> bool:
        """Whether our own process listens on the port of this name now."""
        if not all(name in self.ports for names in SERVER_PORTS.values() for name in names):
            return False
        for server, names in SERVER_PORTS.items():
            if port_name in names:
                return identity(self._servers().named(server)) is not None
        return running.is_supervised(self.instance)
