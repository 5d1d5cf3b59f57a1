"""One process that the supervisor keeps alive: started, found dead, started again, asked to end, killed."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.identity import Identity, identity_of, kill_group
from deploy.local.listeners import Listeners
from deploy.local.processes import Specification

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0  # between two starts of a process that keeps dying
_HEALTHY_SECONDS = 30.0  # a process that lived this long starts again without a pause
_LARGEST_LOG_BYTES = 20_000_000


@dataclass
class Supervised:
    """One process: what it is, whether it shall run, and how it fares."""

    specification: Specification
    listeners: Listeners = field(default_factory=Listeners)
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
            try:
                inherited = self.listeners.descriptors(self.specification.listens)
            except OSError as error:
                log.write(f"cannot listen on {self.specification.listens}: {error}\n".encode())
                self._failed(now)
                return
            self.process = subprocess.Popen(
                [*self.specification.argv, *_bound_to(inherited)],
                env=dict(self.specification.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=inherited,
            )
        self.identity = identity_of(self.process.pid)
        self.started_at = now

    def _ended(self, now: float) -> None:
        """Forget the process; decide when it may start again."""
        if self.identity is not None:
            kill_group(self.identity)  # children that it left behind
        if self.stopping or now - self.started_at >= _HEALTHY_SECONDS:
            self.pause, self.next_start = _FIRST_PAUSE, now
            self.restarts += self.is_wanted
        else:
            self._failed(now)
        self.process, self.identity, self.stopping, self.killed_at = None, None, False, None

    def _failed(self, now: float) -> None:
        self.next_start = now + self.pause
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        self.restarts += self.is_wanted


def _bound_to(descriptors: tuple[int, ...]) -> list[str]:
    """gunicorn's options for sockets that it was handed; they go over the addresses of its settings."""
    return [part for number in descriptors for part in ("--bind", f"fd://{number}")]


def _shorten(log: Path) -> None:
    """Put a log that has grown large aside; one older one is kept."""
    if log.exists() and log.stat().st_size > _LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
