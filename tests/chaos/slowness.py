"""Connections that are slow for the whole time of a run, so that short moments become long ones."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.chaos.instance import ChaosStack


@dataclass(frozen=True)
class Slow:
    """All pieces of bytes between a service and a server come so late, or, when the name of a client of the
    service is given, those that answer this client."""

    service: str
    server: str
    seconds: float
    client: bytes = b""


@contextmanager
def slowed(chaos: ChaosStack, wanted: Iterable[Slow]) -> Iterator[None]:
    """Within the block these connections are slow."""
    proxies = [(chaos.proxies[one.service, one.server], one) for one in wanted]
    for proxy, one in proxies:
        if one.client:
            proxy.slow_answers = {one.client: one.seconds}
        else:
            proxy.delay_seconds = one.seconds
    try:
        yield
    finally:
        for proxy, _ in proxies:
            proxy.thaw()
