"""Keeps the processes of an instance alive until it is told to stop: a program, one per instance."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from deploy.local.control import ControlSocket, Request
from deploy.local.credentials import credentials_of
from deploy.local.identity import Identity, identity_of, kill_group
from deploy.local.instance import WORKERS, Instance
from deploy.local.ports import ports_of
from deploy.local.processes import Specification, specifications, worker
from deploy.local.state_file import write_state
from deploy.local.variables import Wiring

_TICK_SECONDS = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0  # between two starts of a process that keeps dying
_HEALTHY_SECONDS = 30.0  # a process that lived this long starts again without a pause
_LARGEST_LOG_BYTES = 20_000_000


@dataclass
class Supervised:
    """One process: what it is, whether it shall run, and how it fares."""

    specification: Specification
    is_wanted: bool = True
    process: subprocess.Popen[bytes] | None = None
    identity: Identity | None = None
    started_at: float = 0.0
    next_start: float = 0.0
    pause: float = _FIRST_PAUSE
    restarts: int = 0
    killed_at: float | None = None
    stopping: bool = field(default=False)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tick(self, now: float) -> bool:
        """Start, notice an end, or kill what was asked to end and did not; True when something changed."""
        if self.process is not None and self.process.poll() is not None:
            self._ended(now)
            return True
        if self.process is None and self.is_wanted and now >= self.next_start:
            self._start(now)
            return True
        if self.stopping and self.identity and self.killed_at is not None and now >= self.killed_at:
            kill_group(self.identity)
        return False

    def ask_to_end(self, now: float) -> None:
        """Send SIGTERM once; SIGKILL follows after the specification's patience."""
        if self.process is not None and not self.stopping:
            self.stopping = True
            self.killed_at = now + self.specification.stop_seconds
            self.process.send_signal(signal.SIGTERM)

    def _start(self, now: float) -> None:
        _shorten(self.specification.log)
        with self.specification.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.specification.argv,
                env=dict(self.specification.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.identity = identity_of(self.process.pid)
        self.started_at = now

    def _ended(self, now: float) -> None:
        """Forget the process; decide when it may start again."""
        if self.identity is not None:
            kill_group(self.identity)  # children that it left behind
        lived = now - self.started_at
        if self.stopping or lived >= _HEALTHY_SECONDS:
            self.pause, self.next_start = _FIRST_PAUSE, now
        else:
            self.next_start = now + self.pause
            self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        if self.is_wanted:
            self.restarts += 1
        self.process, self.identity, self.stopping, self.killed_at = None, None, False, None


class Supervisor:
    """The loop over all processes and the orders that arrive by the control socket."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._processes = {item.name: Supervised(item) for item in specifications(wiring)}
        self._is_stopping = False

    def run(self) -> None:
        """Until SIGTERM or the order to stop; then everything ends in the order of the phases."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        with ControlSocket(self._wiring.instance.folder) as control:
            self._record()
            while not self._is_stopping:
                control.serve(self._answer, _TICK_SECONDS)
                self._tick()
            self._stop_all(control)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _tick(self) -> None:
        now = time.monotonic()
        changed = [item.tick(now) for item in list(self._processes.values())]
        if any(changed):
            self._record()

    def _stop_all(self, control: ControlSocket) -> None:
        for item in self._processes.values():
            item.is_wanted = False
        for phase in sorted({item.specification.phase for item in self._processes.values()}):
            members = [item for item in self._processes.values() if item.specification.phase == phase]
            while any(item.is_running() for item in members):
                for item in members:
                    item.ask_to_end(time.monotonic())
                control.serve(self._answer, _TICK_SECONDS)
                self._tick()
        self._tick()

    def _answer(self, request: Request) -> dict[str, object]:
        """Carry out an order: what is not instant is seen in the next status."""
        order, name = request.get("do"), str(request.get("process", ""))
        if order == "shutdown":
            self._is_stopping = True
        elif order == "add":
            self._add(name, str(request["service"]), int(str(request["health_port"])))
        elif order in ("start", "stop", "restart"):
            self._order(order, name)
        elif order != "status":
            return {"error": f"unknown order {order}"}
        return {"pid": os.getpid(), "processes": self._status()}

    def _order(self, order: str, name: str) -> None:
        item = self._processes[name]
        item.is_wanted = order != "stop"
        if order in ("stop", "restart"):
            item.ask_to_end(time.monotonic())
        else:
            item.next_start = 0.0

    def _add(self, name: str, service: str, health_port: int) -> None:
        if service not in WORKERS:
            raise ValueError(f"{service} is not a worker")
        if name not in self._processes:
            self._processes[name] = Supervised(worker(self._wiring, service, health_port, name))
        self._order("start", name)

    def _status(self) -> dict[str, object]:
        return {
            name: {
                "pid": item.process.pid if item.process is not None and item.is_running() else None,
                "wanted": item.is_wanted,
                "restarts": item.restarts,
                "ready_url": item.specification.ready_url,
                "log": str(item.specification.log),
            }
            for name, item in self._processes.items()
        }

    def _record(self) -> None:
        """Write the numbers for people and for the next start after a crash."""
        pids = {name: item.process.pid for name, item in self._processes.items() if item.process is not None}
        write_state(self._wiring.instance.folder / "pids.json", {"supervisor": os.getpid(), **pids})


def _shorten(log: Path) -> None:
    """Put a log that has grown large aside; one older one is kept."""
    if log.exists() and log.stat().st_size > _LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def main(arguments: list[str]) -> int:
    """Run the supervisor of the instance named by the only argument."""
    instance = Instance(arguments[0])
    os.chdir(instance.root)
    Supervisor(Wiring(instance, ports_of(instance), credentials_of(instance), dict(os.environ))).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
