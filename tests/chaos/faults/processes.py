"""Processes killed, frozen and told to end, each at a moment in which it has work in hand.

A process is stopped for some milliseconds and looked at from outside: has it a transaction open, is a
request under way that only it can be working on? Only then it is struck; otherwise it goes on.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from deploy.local.failure import LaunchError
from tests.chaos.faults.field import IN_TRANSACTION, Field

LOOK_SECONDS = 8.0
"""So long a fault waits for its target to have work in hand."""
BETWEEN_LOOKS_SECONDS = 0.03
FREEZE_SECONDS = (0.5, 7.0)
SIGNALS = {"kill": signal.SIGKILL, "terminate": signal.SIGTERM}
RELAY_SHARE = 0.25
SENDERS = ("booking", "payment", "search")
"""Services that send events while customers are about."""

HOLDER = "SELECT coalesce(max(split_part(holder, ':', 2)), '0') FROM relay_lease WHERE until > now()"
UNSENT = "SELECT count(*) FROM outbox"


def strike_process(field: Field, kind: str) -> None:
    """Do a fault of this kind to a process that has work in hand."""
    if kind == "kill" and field.chance.random() < RELAY_SHARE and _strike_relay_holder(field):
        return
    name, pid = _target(field, kind)
    if pid:
        _strike(field, kind, name, pid)


def _target(field: Field, kind: str) -> tuple[str, int]:
    """A process by chance: workers, the gateway's master, one of its children."""
    try:
        pids = field.chaos.stack.pids()
    except LaunchError:
        return "", 0
    workers = [
        name
        for service, names in field.chaos.workers.items()
        for name in names
        if kind != "kill" or service not in field.spared
    ]
    name = field.chance.choice(
        [name for name in (*workers, "gateway", "gateway worker") if field.may_strike(name)]
    )
    if name != "gateway worker":
        return name, pids.get(name, 0)
    workers_of_gateway = children(pids.get("gateway", 0))
    return name, field.chance.choice(workers_of_gateway) if workers_of_gateway else 0


def _strike(field: Field, kind: str, name: str, pid: int) -> None:
    service = name.split("-")[0].split(" ")[0]
    is_alone = len(field.chaos.workers.get(service, ())) == 1 or name == "gateway"
    end = time.monotonic() + LOOK_SECONDS
    while time.monotonic() < end and not field.ending.is_set():
        with suppress(ProcessLookupError):
            _send(pid, name, signal.SIGSTOP)
            met = _met(field, service, pid, is_alone)
            if met:
                _do(field, kind, name, pid, met)
                return
            _send(pid, name, signal.SIGCONT)
        field.pause(BETWEEN_LOOKS_SECONDS)


def _met(field: Field, service: str, pid: int, is_alone: bool) -> str:
    open_here = field.ask_number(service, IN_TRANSACTION, (f"care_{service}", f"{service}%:{pid}"))
    if open_here:
        return f"{open_here} transactions open in it"
    requests = field.history.open_for(service) if is_alone else 0
    return f"{requests} requests under way" if requests else ""


def _do(field: Field, kind: str, name: str, pid: int, met: str) -> None:
    with field.log.fault(kind, f"{name} ({pid})", met):
        if kind == "freeze":
            field.pause(field.lasting(FREEZE_SECONDS))
            _send(pid, name, signal.SIGCONT)
            return
        os.kill(pid, SIGNALS[kind])
        # A stopped process hears of SIGTERM when it goes on.
        with suppress(ProcessLookupError):
            _send(pid, name, signal.SIGCONT)


def _strike_relay_holder(field: Field) -> bool:
    """Kill the process that sends a service's events while events wait to be sent."""
    senders = [name for name in SENDERS if name not in field.spared and field.may_strike(f"relay of {name}")]
    if not senders:
        return False
    service = field.chance.choice(senders)
    end = time.monotonic() + LOOK_SECONDS
    while time.monotonic() < end and not field.ending.is_set():
        pid = field.ask_number(service, HOLDER)
        with suppress(ProcessLookupError, PermissionError):
            if pid and _is_ours(field, pid):
                os.kill(pid, signal.SIGSTOP)
                unsent = field.ask_number(service, UNSENT)
                if unsent:
                    _do(field, "kill", f"relay of {service}", pid, f"{unsent} events unsent")
                    return True
                os.kill(pid, signal.SIGCONT)
        field.pause(BETWEEN_LOOKS_SECONDS)
    return False


def _is_ours(field: Field, pid: int) -> bool:
    """The number in the lease may be another process's by now."""
    pids = field.chaos.stack.pids()
    return pid in pids.values() or pid in children(pids.get("gateway", 0))


def _send(pid: int, name: str, number: signal.Signals) -> None:
    """To the process; the gateway's master freezes together with its children."""
    for target in [pid, *(children(pid) if name == "gateway" else [])]:
        os.kill(target, number)


def children(pid: int) -> list[int]:
    """The processes that a process has begun, as gunicorn's workers; none when it is gone."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    if not pid or not path.exists():
        return []
    with suppress(OSError):
        return [int(child) for child in path.read_text().split()]
    return []
