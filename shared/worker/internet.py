"""Calls to the internet may hold at most half of the workers, so that the others go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import unavailable


class InternetLimit:
    """How many calls to the outside may run at once in this process; the next is refused at once."""

    def __init__(self, calls: int) -> None:
        self._free = threading.BoundedSemaphore(calls)

    @classmethod
    def for_workers(cls, max_workers: int) -> "InternetLimit":
        """Half of the workers, at least one."""
        return cls(max(1, max_workers // 2))

    @contextmanager
    def call(self) -> Iterator[None]:
        """Hold a place during a call. Raises `unavailable` when all are taken."""
        if not self._free.acquire(blocking=False):
            raise unavailable(retry_after=1)
        try:
            yield
        finally:
            self._free.release()
