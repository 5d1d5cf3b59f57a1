"""The stack that chaos is done to: an instance whose services reach their servers through our proxies."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from deploy.local.demo import load_demo_data
from deploy.local.instance import ROOT, SERVICES, WORKERS, Instance
from deploy.local.ports import ports_of
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from tests.chaos.house import open_house
from tests.chaos.world import small_world
from tests.fixtures.tcp_proxy import TcpProxy

PROXIED = ("postgresql", "rabbitmq")
SETTINGS = {
    "HOLD_SECONDS": "5",
    "PAYMENT_HOLD_SECONDS": "5",
    "PAYMENT_RESUME_SECONDS": "5",
    "EVENT_RETRY_SECONDS": "1,1,1,1",
    "GATEWAY_WORKERS": "2",
}
MORE = ("booking", "payment")
"""Services that run in one more process, so that work is handed over."""


@dataclass(frozen=True)
class ChaosStack:
    """The running stack, its proxies by (service, server), and its workers by service."""

    stack: Stack
    proxies: dict[tuple[str, str], TcpProxy]
    workers: dict[str, tuple[str, ...]]


@contextmanager
def chaos_stack(
    name: str,
    progress: Progress,
    root: Path = ROOT,
    settings: Mapping[str, str] | None = None,
    more: tuple[str, ...] = MORE,
) -> Iterator[ChaosStack]:
    """Within the block a fresh stack with a part of the demo data runs; afterwards all of it is ended.

    `root`: the clone whose code it runs. `settings` go over those of chaos; `more` names a service once
    for each further process.
    """
    instance = Instance(name, root)
    with ExitStack() as open_proxies:
        proxies = {
            (service, server): open_proxies.enter_context(_proxy(instance, server))
            for service in SERVICES
            for server in PROXIED
        }
        ways = {
            f"{service}_{server}_PORT".upper(): str(proxy.port)
            for (service, server), proxy in proxies.items()
        }
        stack = Stack(name, SETTINGS | ways | dict(settings or {}), progress, root)
        try:
            stack.start(is_fresh=True)
            keep_commits(stack)
            load_demo_data(stack, progress, small_world())
            open_house(stack.url)
            with progress.step("further processes"):
                workers = {service: [service] for service in WORKERS}
                for service in more:
                    workers[service].append(stack.start_extra(service, len(workers[service]) + 1))
            yield ChaosStack(stack, proxies, {service: tuple(names) for service, names in workers.items()})
        finally:
            with progress.step("stopping the instance of chaos"):
                stack.stop()


def _proxy(instance: Instance, server: str) -> TcpProxy:
    # The instance chooses its ports when it starts.
    return TcpProxy("127.0.0.1", lambda: ports_of(instance)[server])


_END_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND usename LIKE 'care%'
"""


def keep_commits(stack: Stack) -> None:
    """The servers of tests flush late; a database that is killed must not lose what it has confirmed.

    A setting holds for new sessions: those that the services have opened while they started are ended.
    """
    for service in SERVICES:
        execute(stack, service, f"ALTER DATABASE care_{service} SET synchronous_commit = on")
        execute(stack, service, _END_SESSIONS)


def execute(stack: Stack, service: str, statement: str) -> None:
    """One statement as the superuser in a service's database."""
    connection = connect(stack, service)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def connect(stack: Stack, service: str) -> Any:
    """A session of the superuser in a service's database, past the proxies, in autocommit."""
    url = stack.admin_database_url(service).replace("postgresql+psycopg2", "postgresql")
    connection = psycopg2.connect(url, connect_timeout=5, application_name="chaos", options="-c timezone=UTC")
    connection.autocommit = True
    return connection
