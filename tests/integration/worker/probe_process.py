"""Starts the probe service as a real process and tells what it does."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from tests.fixtures.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
MODULE = "tests.integration.worker.probe_service"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class ProbeProcess:
    """One worker process; its log is kept in a file below `folder`."""

    def __init__(self, environment: Mapping[str, str], folder: Path, module: str = MODULE) -> None:
        self._health_port = free_port()
        self._log = folder / f"{self._health_port}.log"
        self._seen = 0
        whole = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PROFILE": "test",
            "HEALTH_PORT": str(self._health_port),
            "OTEL_TRACES_SAMPLER_ARG": "1",
            **environment,
        }
        command = [sys.executable, "-m", "shared.worker", module]
        with self._log.open("wb") as log:
            self._popen = subprocess.Popen(command, cwd=ROOT, env=whole, stdout=log, stderr=subprocess.STDOUT)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def await_ready(self, seconds: float = 60.0) -> None:
        def ready() -> bool:
            assert self.is_alive(), self.output()
            return self.get("/health/ready")[0] == 200

        wait_until(ready, "a ready process", seconds=seconds)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page of its health listener; (0, "") when it doesn't listen."""
        try:
            answer = requests.get(f"http://127.0.0.1:{self._health_port}{path}", timeout=5)
        except requests.ConnectionError:
            return 0, ""
        return answer.status_code, answer.text

    def phase(self) -> str:
        status, body = self.get("/health")
        return str(json.loads(body)["status"]) if status else ""

    def metric(self, sample: str) -> float:
        """The value of a sample, written as in the text format; 0.0 when there is none."""
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(sample + " "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def signal(self, name: str) -> None:
        """Send a signal, `SIGTERM` for example."""
        self._popen.send_signal(signal.Signals[name])

    def terminate(self) -> None:
        self.signal("SIGTERM")

    def wait(self, seconds: float = 30.0) -> int:
        """The exit code."""
        return self._popen.wait(seconds)

    def kill(self) -> None:
        if self.is_alive():
            self._popen.kill()
        self._popen.wait(10)

    def end(self, seconds: float = 5.0) -> None:
        """Wait for its end after `terminate`; kill it when that takes too long."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)
        self.kill()

    def forget(self) -> None:
        """Leave out of `output` and `events` what was logged so far."""
        self._seen = self._log.stat().st_size

    def output(self) -> str:
        return self._log.read_bytes()[self._seen :].decode()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Its log lines of one event."""
        lines = [json.loads(line) for line in self.output().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]
