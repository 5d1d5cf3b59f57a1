"""A bound on requests in work at once, for routes that no limit by address protects."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import unavailable


class InFlight:
    """So many at once in this process, the next is refused."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place within the block. Raises `unavailable` when all are taken."""
        if not self._places.acquire(blocking=False):
            raise unavailable(retry_after=1)
        try:
            yield
        finally:
            self._places.release()
