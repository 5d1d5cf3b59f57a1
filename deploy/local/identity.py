"""Telling our processes from others: by number and start time, or by the mark in their environment."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from deploy.local.waiting import wait_until

# Every process that the launcher starts carries these: they find what a crash of the launcher left behind.
INSTANCE_MARK = "CARE_INSTANCE"
PROCESS_MARK = "CARE_PROCESS"

_PROC = Path("/proc")
_STATE_FIELD = 0  # after the name in parentheses: field 3 of proc(5)
_START_FIELD = 19  # field 22 of proc(5), in clock ticks since the machine started


@dataclass(frozen=True)
class Identity:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    started: str


def identity_of(pid: int) -> Identity | None:
    """The identity of a living process; None when there is none or only its zombie."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
        machine_start = (_PROC / "sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    if fields[_STATE_FIELD] in ("Z", "X"):
        return None
    return Identity(pid, f"{machine_start}-{fields[_START_FIELD]}")


def is_alive(identity: Identity | None) -> bool:
    """True while exactly this process lives."""
    return identity is not None and identity_of(identity.pid) == identity


def marked_processes(folder: Path, process: str | None = None) -> list[Identity]:
    """Living processes that were started for the instance of `folder`, all or those of one name."""
    wanted = {f"{INSTANCE_MARK}={folder}".encode()}
    if process is not None:
        wanted.add(f"{PROCESS_MARK}={process}".encode())
    found = []
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid() and wanted <= _environment(entry):
            identity = identity_of(int(entry.name))
            if identity is not None:
                found.append(identity)
    return found


def stop(identity: Identity, timeout_seconds: float, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to end, and after the timeout end it with all of its group."""
    if not is_alive(identity):
        return
    _send(identity, first)
    if not wait_until(lambda: not is_alive(identity), timeout_seconds):
        kill_group(identity)
        wait_until(lambda: not is_alive(identity), timeout_seconds)


def kill_group(identity: Identity) -> None:
    """End the process and its group at once."""
    try:
        if os.getpgid(identity.pid) == identity.pid:
            os.killpg(identity.pid, signal.SIGKILL)
        else:
            os.kill(identity.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _send(identity: Identity, number: signal.Signals) -> None:
    try:
        os.kill(identity.pid, number)
    except ProcessLookupError:
        return


def _environment(entry: Path) -> set[bytes]:
    try:
        return set((entry / "environ").read_bytes().split(b"\0"))
    except OSError:
        return set()
