"""Redis of an instance: what its configuration has to hold."""

from pathlib import Path

from deploy.local.instance import Instance
from deploy.local.servers.redis import Redis


def test_redis_forgets_before_it_fills_the_machine(tmp_path: Path) -> None:
    """Keys of searches are as many as clients invent; what is lost costs time, never correctness."""
    instance = Instance("one", tmp_path)
    instance.data.mkdir(parents=True)
    Redis(instance, None, 6379, "secret").prepare()
    lines = (instance.data / "redis" / "redis.conf").read_text().splitlines()
    assert {"maxmemory 256mb", "maxmemory-policy volatile-lru"} <= set(lines)
