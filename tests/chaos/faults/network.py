"""Connections between a service and its broker or database cut, delayed, halved."""

from tests.chaos.faults.field import Field
from tests.fixtures.tcp_proxy import TcpProxy

LASTS_SECONDS = (0.5, 4.0)
DELAY_SECONDS = (0.05, 1.5)
HALVING_SECONDS = 1.0
LOOKS, BETWEEN_LOOKS_SECONDS = 150, 0.02


def strike_network(field: Field, kind: str) -> None:
    """Harm the connections of one service to one server while something is on its way there."""
    service, server = field.chance.choice(
        [pair for pair in sorted(field.chaos.proxies) if field.may_strike(" to ".join(pair))]
    )
    proxy = field.chaos.proxies[service, server]
    met = ""
    for _ in range(LOOKS):
        met = field.met(service)
        if met or field.ending.is_set():
            break
        field.pause(BETWEEN_LOOKS_SECONDS)
    if field.ending.is_set():
        return
    before = proxy.harmed
    with field.log.fault(kind, f"{service} to {server}") as fault:
        try:
            _harm(field, kind, proxy)
        finally:
            proxy.thaw()
        harmed = proxy.harmed - before
        if met and harmed:
            fault.met = f"{met}, {harmed} pieces or connections harmed"


def _harm(field: Field, kind: str, proxy: TcpProxy) -> None:
    seconds = field.lasting(LASTS_SECONDS)
    if kind == "delay":
        proxy.delay_seconds = field.chance.uniform(*DELAY_SECONDS)
        field.pause(seconds)
    elif kind == "cut":
        _cut(field, proxy, seconds)
    elif field.chance.random() < 0.5:
        # Half of the bytes, then the end of the connection.
        proxy.is_halving = True
        field.pause(HALVING_SECONDS)
    else:
        # Half open: the server hears, nobody hears the server; then the connection is found dead.
        proxy.freeze_answers()
        field.pause(seconds)
        proxy.break_connections()


def _cut(field: Field, proxy: TcpProxy, seconds: float) -> None:
    """Every connection ends; half of the times nobody gets through for a while either."""
    if field.chance.random() < 0.5:
        proxy.break_connections()
        return
    proxy.cut()
    try:
        field.pause(seconds)
    finally:
        proxy.restore()
