"""Starts the echo service and its gateway, and ends them."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

from tests.fixtures.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


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
    port = _free_port()
    environment = {**os.environ, "AMQP_URI": amqp_uri, "MAX_WORKERS": str(workers)}
    with ExitStack() as running:
        service = _start(running, ["-m", "tests.bench.floors.echo_service"], environment)
        assert service.stdout is not None
        assert service.stdout.readline(), "the echo service did not start"
        _start(running, ["-m", "gunicorn", *_gunicorn(port, processes)], environment)
        wait_until(lambda: _answers(port), "the echo to answer")
        yield EchoFloor(port, processes, workers)


def _start(running: ExitStack, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    running.enter_context(process)  # waits for its end
    running.callback(process.terminate)
    return process


def _gunicorn(port: int, processes: int) -> list[str]:
    return [
        *("--no-control-socket", "-k", "gevent", "-w", str(processes), "-b", f"127.0.0.1:{port}"),
        *("--keep-alive", "75", "--log-level", "warning", "tests.bench.floors.echo_gateway:create_app()"),
    ]


def _answers(port: int) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/echo", b"ready?", timeout=2) as answer:
        return bool(answer.status == HTTPStatus.OK)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
