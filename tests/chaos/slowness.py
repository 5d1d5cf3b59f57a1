"""Connections that are slow for the whole time of a run, so that short moments become long ones."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.chaos.instance import ChaosStack
from tests.fixtures.tcp_proxy import Slow


@contextmanager
def slowed(chaos: ChaosStack, slow: Mapping[tuple[str, str], Slow]) -> Iterator[None]:
    """Within the block the connections between these services and servers are slow."""
    for way, slowness in slow.items():
        chaos.proxies[way].slow = slowness
    try:
        yield
    finally:
        for way in slow:
            chaos.proxies[way].thaw()
