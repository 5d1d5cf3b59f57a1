"""The ports of an instance: chosen once among free ones and kept, unless a stranger takes one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator

from deploy.local.instance import SERVICES, Instance
from deploy.local.state_file import read_state, write_state

GATEWAY_PORT = 3000  # where the demo's users look first
_LOWEST, _COUNT = 20_000, 10_000  # below the range from which the kernel takes ports for outgoing connections
_SERVERS = ("postgresql", "rabbitmq", "rabbitmq-distribution", "epmd", "redis", "standin", "standin-proxy")


def port_names() -> tuple[str, ...]:
    """Everything that listens: the gateway, the servers, and the health listener of each process."""
    return ("gateway", *_SERVERS, *(f"{service}-health" for service in SERVICES))


def ports_of(instance: Instance) -> dict[str, int]:
    """The kept table; empty when none was chosen yet."""
    return {name: int(port) for name, port in read_state(instance.folder / "ports.json").items()}


def choose_ports(instance: Instance, in_use_by_us: Callable[[str], bool]) -> dict[str, int]:
    """Complete the table and keep it. A port that a stranger took meanwhile is replaced.

    `in_use_by_us` tells for a name whether our own process listens there now.
    """
    kept = ports_of(instance)
    table = complete_table(
        {name: port for name, port in kept.items() if in_use_by_us(name) or is_free(port)},
        preferred={"gateway": GATEWAY_PORT} if instance.name == "demo" else {},
        start=int(instance.code, 16),
    )
    if table != kept:
        write_state(instance.folder / "ports.json", dict(table))
    return table


def keep_port(instance: Instance, name: str, port: int) -> None:
    """Note that what the table calls `name` listens on this port from now on."""
    write_state(instance.folder / "ports.json", {**ports_of(instance), name: port})


def complete_table(
    kept: dict[str, int],
    preferred: dict[str, int],
    start: int,
    free: Callable[[int], bool] | None = None,
) -> dict[str, int]:
    """`kept` with a free port for each name that lacks one: the preferred, else the next from `start` on."""
    check = free or is_free
    table = {name: port for name, port in kept.items() if name in port_names()}
    taken = set(table.values())
    candidates = _free_ports(start, check, taken)
    for name in port_names():
        if name in table:
            continue
        wish = preferred.get(name)
        table[name] = wish if wish and wish not in taken and check(wish) else next(candidates)
        taken.add(table[name])
    return table


def free_port(instance: Instance, besides: Iterable[int] = ()) -> int:
    """One more free port, for a process that is not in the table."""
    taken = {*ports_of(instance).values(), *besides}
    return next(_free_ports(int(instance.code, 16), is_free, taken))


def is_free(port: int) -> bool:
    """True when nobody listens on the port, on loopback or on all addresses."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError:
            if family == socket.AF_INET or _has_ipv6():
                return False
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _free_ports(start: int, free: Callable[[int], bool], taken: set[int]) -> Iterator[int]:
    for step in range(_COUNT):
        port = _LOWEST + (start + step) % _COUNT
        if port not in taken and free(port):
            yield port
