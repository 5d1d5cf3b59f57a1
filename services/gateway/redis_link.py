"""The connection to Redis: short time-outs, and a pause after a failure so that nobody waits twice."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.gateway.redis_client import Client, Question
from shared import logs

log = logging.getLogger(__name__)

SOCKET_TIMEOUT_SECONDS = 0.25
"""Redis answers in under a millisecond; what takes longer is slower than doing without."""
PAUSE_SECONDS = 1.0
"""After a failure nobody asks Redis for this long, so that its absence costs few requests time."""
MAX_CONNECTIONS = 64


class RedisDownError(Exception):
    """Redis can't be asked now: do without it."""


class RedisLink:
    """Redis of one process, with the knowledge of whether it is worth asking."""

    def __init__(self, url: str, now: Callable[[], float]) -> None:
        self._now = now
        self._down_until = 0.0
        self._lock = threading.Lock()
        pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self.client = Client(pool, MAX_CONNECTIONS, SOCKET_TIMEOUT_SECONDS)

    @contextmanager
    def asking(self) -> Iterator[Client]:
        """Ask Redis within this block. Raises RedisDownError when it can't answer, now or a moment ago."""
        if self._now() < self._down_until:
            raise RedisDownError
        try:
            yield self.client
        except redis.RedisError as error:
            self._note_failure(error)
            raise RedisDownError from error

    @contextmanager
    def along(self, *command: Any) -> Iterator[Callable[[], Any]]:
        """Within this block the first command that is sent takes this one along; the answer is asked for
        after it. That raises RedisDownError."""
        with self.client.along(*command) as question:
            yield lambda: self._answer(question)

    def _answer(self, question: Question) -> Any:
        with self.asking():
            return question.answer()

    def ping(self) -> bool:
        """Whether Redis answers; for readiness, never raises."""
        try:
            with self.asking() as client:
                return bool(client.ping())
        except RedisDownError:
            return False

    def close(self) -> None:
        self.client.close()

    def _note_failure(self, error: redis.RedisError) -> None:
        with self._lock:
            first = self._now() >= self._down_until
            self._down_until = self._now() + PAUSE_SECONDS
        if first:
            logs.event(log, logging.WARNING, "redis_unavailable", error=type(error).__name__)
