"""What was done to the stack: each fault with its time, its target, and whether it met work."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

KINDS = (
    "kill",
    "freeze",
    "terminate",
    "rabbitmq",
    "redis",
    "postgresql",
    "cut",
    "delay",
    "halve",
    "stripe_error",
    "stripe_timeout",
    "webhook_duplicate",
    "webhook_shuffle",
    "webhook_late",
    "webhook_lost",
)


LEAST_OF_EACH_KIND = 20
"""Fewer that met work make a long run void."""


@dataclass
class Fault:
    """One fault. `met`: what was in work there when it struck; empty: it does not count."""

    id: str
    kind: str
    target: str
    started: float
    ended: float = 0.0
    met: str = ""

    @property
    def counts(self) -> bool:
        return bool(self.met)

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.target}"


class FaultLog:
    """Faults as they happen, one line each on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    @contextmanager
    def fault(self, kind: str, target: str, met: str = "") -> Iterator[Fault]:
        """Within the block the fault lasts."""
        with self._lock:
            fault = Fault(f"F{len(self._faults) + 1}", kind, target, time.time(), met=met)
            self._faults.append(fault)
        try:
            yield fault
        finally:
            fault.ended = time.time()
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(fault)) + "\n")

    def counted(self) -> Counter[str]:
        """How many of each kind met work so far."""
        with self._lock:
            return Counter(fault.kind for fault in self._faults if fault.counts)

    def kinds_below(self, number: int) -> list[str]:
        """Kinds of which fewer than `number` met work so far."""
        counted = self.counted()
        return [kind for kind in KINDS if counted[kind] < number]


def read_faults(path: Path) -> list[Fault]:
    if not path.exists():
        return []
    return [Fault(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def near(faults: list[Fault], instant: float, before: float = 30.0, after: float = 1.0) -> list[Fault]:
    """Faults that lasted at some time between `before` seconds before the instant and `after` after it."""
    return [fault for fault in faults if fault.started <= instant + after and fault.ended >= instant - before]
