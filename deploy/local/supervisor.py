"""Keeps the processes of an instance alive until it is told to stop: a program, one per instance."""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

from deploy.local.control import ControlSocket, Request
from deploy.local.credentials import credentials_of
from deploy.local.instance import WORKERS, Instance
from deploy.local.listeners import Listeners
from deploy.local.ports import keep_port, ports_of
from deploy.local.processes import DOOR, PREDECESSOR, SUCCESSOR, specifications, successor, worker
from deploy.local.state_file import write_state
from deploy.local.supervised import Supervised
from deploy.local.variables import Wiring

_TICK_SECONDS = 0.1


class Supervisor:
    """The loop over all processes and the orders that arrive by the control socket."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._listeners = Listeners()
        self._processes = {item.name: Supervised(item, self._listeners) for item in specifications(wiring)}
        self._leaving: set[str] = set()
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
            self._forget_who_left()
            self._record()

    def _stop_all(self, control: ControlSocket) -> None:
        for item in self._processes.values():
            item.is_wanted = False
            if item.specification.phase == DOOR:
                self._listeners.close(item.specification.listens)
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
        elif order == "add_successor":
            self._add_successor(name, int(str(request["health_port"])))
        elif order == "hand_over":
            self._hand_over(name)
        elif order == "take_away":
            self._take_away(name)
        elif order != "status":
            return {"error": f"unknown order {order}"}
        return {"pid": os.getpid(), "processes": self._status()}

    def _order(self, order: str, name: str) -> None:
        item = self._processes[name]
        item.is_wanted = order != "stop"
        if order == "stop":
            self._listeners.close(item.specification.listens)
        if order in ("stop", "restart"):
            item.ask_to_end(time.monotonic())
        else:
            item.next_start = 0.0

    def _add(self, name: str, service: str, health_port: int) -> None:
        if service not in WORKERS:
            raise ValueError(f"{service} is not a worker")
        if name not in self._processes:
            specification = worker(self._wiring, service, health_port, name)
            self._processes[name] = Supervised(specification, self._listeners)
        self._order("start", name)

    def _add_successor(self, name: str, health_port: int) -> None:
        """Start the process that shall take this one's place, beside it, with the same listening socket."""
        if name + SUCCESSOR in self._processes or name + PREDECESSOR in self._processes:
            raise ValueError(f"{name} is being replaced already")
        specification = successor(self._wiring, name, health_port)
        self._processes[name + SUCCESSOR] = Supervised(specification, self._listeners)

    def _hand_over(self, name: str) -> None:
        """Give the successor the name, and ask the one that had it to end."""
        new = self._processes.pop(name + SUCCESSOR)
        self._processes[name + PREDECESSOR] = self._processes.pop(name)
        self._processes[name] = new
        keep_port(self._wiring.instance, f"{name}-health", new.specification.health_port)
        self._take_away(name + PREDECESSOR)

    def _take_away(self, name: str) -> None:
        """Ask the process to end and forget it then."""
        item = self._processes[name]
        item.is_wanted = False
        item.ask_to_end(time.monotonic())
        self._leaving.add(name)
        self._forget_who_left()

    def _forget_who_left(self) -> None:
        for name in [name for name in self._leaving if self._processes[name].process is None]:
            self._leaving.discard(name)
            gone = self._processes.pop(name)
            still_used = {port for item in self._processes.values() for port in item.specification.listens}
            self._listeners.close(set(gone.specification.listens) - still_used)

    def _status(self) -> dict[str, object]:
        return {
            name: {
                "pid": item.process.pid if item.process is not None and item.is_running() else None,
                "wanted": item.is_wanted,
                "restarts": item.restarts,
                "ready_url": item.specification.ready_url,
                "address": item.specification.address,
                "log": str(item.specification.log),
            }
            for name, item in self._processes.items()
        }

    def _record(self) -> None:
        """Write the numbers for people and for the next start after a crash."""
        pids = {name: item.process.pid for name, item in self._processes.items() if item.process is not None}
        write_state(self._wiring.instance.folder / "pids.json", {"supervisor": os.getpid(), **pids})


def main(arguments: list[str]) -> int:
    """Run the supervisor of the instance named by the only argument."""
    instance = Instance(arguments[0])
    os.chdir(instance.root)
    Supervisor(Wiring(instance, ports_of(instance), credentials_of(instance), dict(os.environ))).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
