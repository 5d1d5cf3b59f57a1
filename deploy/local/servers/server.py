"""A server program of an instance: started detached, remembered, found again, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.local.accounts import Account
from deploy.local.detached import outliving
from deploy.local.failure import LaunchError, with_log
from deploy.local.identity import (
    INSTANCE_MARK,
    PROCESS_MARK,
    Identity,
    identity_of,
    is_alive,
    kill_group,
    marked_processes,
    stop,
)
from deploy.local.instance import Instance
from deploy.local.state_file import read_state, write_state
from deploy.local.waiting import wait_until

_START_SECONDS = 60
_STOP_SECONDS = 20


@dataclass(frozen=True)
class Program:
    """How a server is started and asked to end."""

    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM


class Server(Protocol):
    """What each kind of server knows about itself."""

    @property
    def name(self) -> str: ...

    @property
    def instance(self) -> Instance: ...

    @property
    def account(self) -> Account | None: ...

    def prepare(self) -> None:
        """Make folders, configuration and an empty store where there is none."""

    def program(self) -> Program:
        """What to start."""

    def is_ready(self) -> bool:
        """True when it serves those who know its password."""


def start_server(server: Server) -> bool:
    """Bring the server up; False when it was up already. Raises LaunchError with its log when it fails."""
    if is_alive(identity(server)) and wait_until(server.is_ready, _START_SECONDS):
        return False
    stop_server(server)
    server.prepare()
    process = _spawn(server)
    if not wait_until(lambda: server.is_ready() or process.poll() is not None, _START_SECONDS):
        raise with_log(
            f"{server.name} is not ready after {_START_SECONDS} s", server.instance.log(server.name)
        )
    if not server.is_ready():
        raise with_log(f"{server.name} ended at its start", server.instance.log(server.name))
    return True


def stop_server(server: Server, first: signal.Signals | None = None) -> None:
    """End the server and what a crash may have left of it, then forget it."""
    known = identity(server)
    if known is not None:
        stop(known, _STOP_SECONDS, first or server.program().stop_signal)
    for survivor in marked_processes(server.instance.folder, server.name):
        stop(survivor, _STOP_SECONDS, signal.SIGTERM)
    _record(server).unlink(missing_ok=True)


def stop_in_order(*servers: Server) -> None:
    """End one after the other."""
    for server in servers:
        stop_server(server)


def kill_server(server: Server) -> None:
    """End the server as a power cut would (tests)."""
    known = identity(server)
    if known is not None:
        kill_group(known)
    for survivor in marked_processes(server.instance.folder, server.name):
        kill_group(survivor)


def identity(server: Server) -> Identity | None:
    """The process of the server; None when it is not running."""
    record = read_state(_record(server))
    if not record:
        return None
    known = Identity(int(record["pid"]), str(record["started"]))
    return known if is_alive(known) else None


def executable(*candidates: str) -> str:
    """The first of the paths that is a program of this machine."""
    for candidate in candidates:
        if os.access(candidate, os.X_OK):
            return candidate
    raise LaunchError(f"none of these programs is installed: {', '.join(candidates)}")


def _spawn(server: Server) -> subprocess.Popen[bytes]:
    program = server.program()
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        INSTANCE_MARK: str(server.instance.folder),
        PROCESS_MARK: server.name,
        **program.environment,
    }
    options = server.account.options() if server.account else {}
    with server.instance.log(server.name).open("ab") as log:
        process = subprocess.Popen(
            program.argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=server.instance.data.resolve(),
            start_new_session=True,
            **options,
        )
    started = identity_of(process.pid)
    if started is not None:
        write_state(_record(server), {"pid": started.pid, "started": started.started})
    return outliving(process)


def _record(server: Server) -> Path:
    return server.instance.folder / f"server-{server.name}.json"
