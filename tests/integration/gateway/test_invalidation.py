"""When a process may read the cache: not before it listens, and has ended what was stored until then."""

import os
import threading

from services.gateway.cache_entries import EVERYTHING
from services.gateway.invalidation import Invalidation
from services.gateway.redis_link import RedisDownError
from tests.fixtures.waiting import wait_until
from tests.integration.gateway.gateway_process import Gateway


def test_a_process_that_begins_to_listen_ends_what_was_stored_first(gateway: Gateway) -> None:
    """promise B7: it may have missed a change, whose event waits in another process's hands."""
    redis_is_away = threading.Event()
    redis_is_away.set()
    raised: list[tuple[list[str], bool]] = []

    def raise_generations(subjects: list[str]) -> None:
        raised.append((subjects, listening.is_current()))
        if redis_is_away.is_set():
            raise RedisDownError

    listening = Invalidation(os.environ["TEST_AMQP_URI"], raise_generations)
    assert not listening.is_current()
    listening.start()
    try:
        wait_until(lambda: len(raised) >= 2, "a second try")
        assert not listening.is_current()
        redis_is_away.clear()
        wait_until(listening.is_current, "the licence to read")
        assert {(tuple(subjects), current) for subjects, current in raised} == {((EVERYTHING,), False)}
    finally:
        listening.stop()
