"""Starts bare services and bare gateways, and ends them."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fixtures.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = "tests.bench.floors"


@dataclass(frozen=True)
class EchoFloor:
    """Where it listens, and in how many processes and workers."""

    port: int
    processes: int
    workers: int

    @property
    def described(self) -> str:
        return f"{self.processes} processes of gunicorn, a nameko service of {self.workers} workers"


@contextmanager
def running_echo(amqp_uri: str, processes: int, workers: int) -> Iterator[EchoFloor]:
    """A bare gateway of so many gevent processes before a bare service of so many workers."""
    environment = {"AMQP_URI": amqp_uri, "MAX_WORKERS": str(workers)}
    with (
        running_service("echo_service", environment),
        running_gateway("echo_gateway", processes, environment) as port,
    ):
        yield EchoFloor(port, processes, workers)


@contextmanager
def running_service(module: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A nameko service of this package, which says that it is ready."""
    with ExitStack() as running:
        service = _start(running, ["-m", f"{PACKAGE}.{module}"], environment)
        assert service.stdout is not None
        assert service.stdout.readline(), f"{module} did not start"
        yield


@contextmanager
def running_gateway(module: str, processes: int, environment: Mapping[str, str]) -> Iterator[int]:
    """An app of this package in so many gevent processes of gunicorn; the port."""
    port = _free_port()
    with ExitStack() as running:
        _start(running, ["-m", "gunicorn", *_gunicorn(module, port, processes)], environment)
        wait_until(lambda: _listens(port), f"{module} to listen")
        yield port


def _start(
    running: ExitStack, arguments: list[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE
    )
    running.enter_context(process)  # waits for its end
    running.callback(process.terminate)
    return process


def _gunicorn(module: str, port: int, processes: int) -> list[str]:
    return [
        *("--no-control-socket", "-k", "gevent", "-w", str(processes), "-b", f"127.0.0.1:{port}"),
        *("--worker-connections", "10000", "--keep-alive", "75", "--log-level", "warning"),
        *("--graceful-timeout", "1", f"{PACKAGE}.{module}:create_app()"),
    ]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
