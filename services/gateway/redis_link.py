"""The connection to Redis: short time-outs, and a pause after a failure so that nobody waits twice."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.trace import Span, get_current_span
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared import logs
from shared.telemetry.attributes import DB_OPERATION

log = logging.getLogger(__name__)

SOCKET_TIMEOUT_SECONDS = 0.25
"""Redis answers in under a millisecond; what takes longer is slower than doing without."""
PAUSE_SECONDS = 1.0
"""After a failure nobody asks Redis for this long, so that its absence costs few requests time."""
MAX_CONNECTIONS = 64


def trace_commands() -> None:
    """Give each command a span, with its name and no argument. Once per process, before the first client."""
    # Without it the instrumentation speaks the names of before the conventions were stable.
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http,database"
    # A pipeline calls the second hook only.
    plain: Callable[..., Any] = redis.Redis.execute_command
    RedisInstrumentor().instrument(request_hook=_name_operation, response_hook=_name_operation)
    traced: Callable[..., Any] = redis.Redis.execute_command

    # The instrumentation describes each command, also where nothing of it is kept.
    def execute_command(client: redis.Redis, *arguments: Any, **options: Any) -> Any:
        execute = traced if get_current_span().is_recording() else plain
        return execute(client, *arguments, **options)

    redis.Redis.execute_command = execute_command  # type: ignore[method-assign,assignment]


def _name_operation(span: Span, *_request: object) -> None:
    name = getattr(span, "name", "")
    span.set_attribute(DB_OPERATION, name)


class RedisDownError(Exception):
    """Redis can't be asked now: do without it."""


class RedisLink:
    """Redis of one process, with the knowledge of whether it is worth asking."""

    def __init__(self, url: str, now: Callable[[], float]) -> None:
        self._now = now
        self._down_until = 0.0
        self._lock = threading.Lock()
        self.pool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_CONNECTIONS,
            timeout=SOCKET_TIMEOUT_SECONDS,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
            # One repeat: a pooled connection may be from before Redis restarted.
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.ConnectionError],
        )
        self.client = redis.Redis(connection_pool=self.pool)

    @contextmanager
    def asking(self) -> Iterator[redis.Redis]:
        """Ask Redis within this block. Raises RedisDownError when it can't answer, now or a moment ago."""
        if self._now() < self._down_until:
            raise RedisDownError
        try:
            yield self.client
        except redis.RedisError as error:
            self._note_failure(error)
            raise RedisDownError from error

    def ping(self) -> bool:
        """Whether Redis answers; for readiness, never raises."""
        try:
            with self.asking() as client:
                return bool(client.ping())
        except RedisDownError:
            return False

    def close(self) -> None:
        self.pool.disconnect()

    def _note_failure(self, error: redis.RedisError) -> None:
        with self._lock:
            first = self._now() >= self._down_until
            self._down_until = self._now() + PAUSE_SECONDS
        if first:
            logs.event(log, logging.WARNING, "redis_unavailable", error=type(error).__name__)
