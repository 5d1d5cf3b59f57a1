"""The supervisor of an instance as the commands see it: is it there, start it, give it orders, end it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.local import control
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
from deploy.local.machine import SERVER_PORTS
from deploy.local.processes import specifications
from deploy.local.state_file import read_state, write_state
from deploy.local.variables import Wiring
from deploy.local.waiting import answers_ok, wait_until

_SUPERVISOR_SECONDS = 10
_LONGEST_STOP_SECONDS = 120
_MOVES = "HEALTH_PORT"  # another one after a process was replaced, which is no reason to start all anew
_MOST_RESTARTS = 3  # within one start: a process that dies so often will not come up


def is_supervised(instance: Instance) -> bool:
    """True when the supervisor of the instance answers."""
    return instance.folder.exists() and control.order(instance.folder, {"do": "status"}) is not None


def processes(instance: Instance) -> dict[str, dict[str, Any]]:
    """The supervised processes by name; empty when no supervisor runs."""
    answer = control.order(instance.folder, {"do": "status"}) if instance.folder.exists() else None
    found: dict[str, dict[str, Any]] = answer["processes"] if answer else {}
    return found


def order(instance: Instance, what: str, process: str, **more: object) -> None:
    """Give an order about a process. Raises LaunchError when no supervisor runs or it refuses."""
    if control.order(instance.folder, {"do": what, "process": process, **more}) is None:
        raise LaunchError(f"the instance {instance.name} is not running")


def start_processes(wiring: Wiring) -> None:
    """Start the supervisor; one that runs with the same code and settings goes on, another is ended first."""
    instance = wiring.instance
    wanted = _fingerprint(wiring)
    state_file = instance.folder / "running.json"
    if is_supervised(instance):
        if read_state(state_file).get("fingerprint") == wanted:
            return
        stop_processes(instance)
    log = instance.log("supervisor")
    with log.open("ab") as output:
        process = outliving(
            subprocess.Popen(
                [sys.executable, "-m", "deploy.local.supervisor", instance.name],
                env={
                    **wiring.caller,
                    "PYTHONPATH": str(instance.root),
                    INSTANCE_MARK: str(instance.folder),
                    PROCESS_MARK: "supervisor",
                },
                cwd=instance.root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )
    wait_until(lambda: is_supervised(instance) or process.poll() is not None, _SUPERVISOR_SECONDS)
    if not is_supervised(instance):
        raise with_log("the supervisor did not start", log)
    write_state(state_file, {"fingerprint": wanted})


def wait_ready(instance: Instance, names: Iterable[str], timeout_seconds: float) -> None:
    """Wait until the named processes, or all that shall run, are ready. Raises LaunchError with a log."""
    before = {name: item["restarts"] for name, item in processes(instance).items()}
    wanted = set(names)
    missing: list[str] = []
    with ThreadPoolExecutor() as pool:

        def are_ready() -> bool:
            now = {
                name: item
                for name, item in processes(instance).items()
                if name in wanted or (not wanted and item["wanted"])
            }
            for name, item in now.items():
                if item["restarts"] - before.get(name, 0) >= _MOST_RESTARTS:
                    raise with_log(f"{name} keeps dying", Path(item["log"]))
            answers = list(pool.map(_is_ready, now.values()))
            missing[:] = [name for name, is_ready in zip(now, answers, strict=True) if not is_ready]
            return bool(now) and not missing

        if wait_until(are_ready, timeout_seconds):
            return
    if not missing:
        raise LaunchError(f"the instance {instance.name} is not running")
    raise with_log(f"not ready after {timeout_seconds:.0f} s: {', '.join(missing)}", instance.log(missing[0]))


def stop_processes(instance: Instance) -> None:
    """End the supervisor, which ends its processes; when it doesn't in time, end_leftovers finds them."""
    answer = control.order(instance.folder, {"do": "shutdown"}) if instance.folder.exists() else None
    supervisor = identity_of(int(answer["pid"])) if answer else None
    if supervisor is not None and not wait_until(lambda: not is_alive(supervisor), _LONGEST_STOP_SECONDS):
        kill_group(supervisor)
    (instance.folder / "pids.json").unlink(missing_ok=True)


def end_leftovers(instance: Instance) -> None:
    """End processes whose supervisor is gone, as after a kill -9 of it; servers are left alone."""
    servers = {identity for name in SERVER_PORTS for identity in marked_processes(instance.folder, name)}
    leftovers = [
        item for item in marked_processes(instance.folder) if item not in servers and not _is_above(item)
    ]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda item: stop(item, _SUPERVISOR_SECONDS, signal.SIGTERM), leftovers))


def _is_ready(item: dict[str, Any]) -> bool:
    return item["pid"] is not None and answers_ok(item["ready_url"])


def _is_above(identity: Identity) -> bool:
    """True for a process that we descend from: a test started by the instance must not end itself."""
    pid = os.getpid()
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        if pid == identity.pid:
            return True
    return False


def _fingerprint(wiring: Wiring) -> str:
    """Of everything that a process is made of: command, environment, code, installed packages."""
    digest = hashlib.sha256()
    for item in specifications(wiring):
        environment = sorted((name, value) for name, value in item.environment.items() if name != _MOVES)
        digest.update(repr((item.name, item.argv, environment)).encode())
    root = wiring.instance.root
    stamps = [root / environment / ".lock-installed" for environment in (".venv", ".standin")]
    code = [
        path
        for part in ("services", "shared", "deploy/local")
        for path in sorted((root / part).rglob("*.py"))
    ]
    for path in [*stamps, *code]:
        if path.exists():
            digest.update(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    return digest.hexdigest()
