"""A client of Redis that takes few steps to an answer, and sends two commands in one trip where it can."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import redis
from opentelemetry.trace import SpanKind, get_current_span

from shared.telemetry import attributes as names
from shared.telemetry import tracing

SYSTEM = "redis"
TRIES = 2
"""A kept connection may be from before Redis restarted: that shows when it is used, then a new one is."""

Command = Sequence[Any]
_NOT_YET = object()


class Question:
    """A command that is sent together with the next one of its greenlet, or else when its answer is read."""

    def __init__(self, client: "Client", command: Command) -> None:
        self._client = client
        self.command = command
        self.taken: Any = _NOT_YET

    def answer(self) -> Any:
        """What Redis said. Raises redis.RedisError."""
        if self.taken is _NOT_YET:
            (self.taken,) = self._client.ask(self.command)
        return _or_raise(self.taken)


class Client(redis.Redis):
    """redis-py's client with connections of its own.

    redis-py asks the kernel before each command whether its connection is alive, and measures and counts
    it for metrics that nobody collects: that is a third of the processor time of a short command.
    """

    def __init__(self, pool: redis.ConnectionPool, most_connections: int, wait_seconds: float) -> None:
        super().__init__(connection_pool=pool)
        self._connections = Connections(pool, most_connections, wait_seconds)
        self._next = threading.local()

    @contextmanager
    def along(self, *command: Any) -> Iterator[Question]:
        """Within this block the first command that is sent takes this one along."""
        self._next.question = question = Question(self, command)
        try:
            yield question
        finally:
            self._next.question = None

    def ask(self, *commands: Command) -> list[Any]:
        """The answers to commands that are sent together. Raises redis.RedisError, also when one is refused.

        Of a command that was sent when the connection broke nobody knows whether it was done; it is sent
        once more.
        """
        return [_or_raise(answer) for answer in self._ask(commands)]

    def execute_command(self, *arguments: Any, **options: Any) -> Any:
        """redis-py's own door, through which all its methods go."""
        question: Question | None = getattr(self._next, "question", None)
        self._next.question = None
        if question is None:
            (answer,) = self._ask([arguments])
        else:
            question.taken, answer = self._ask([question.command, arguments])
        callbacks: Mapping[Any, Any] = self.response_callbacks
        callback = callbacks.get(arguments[0])
        options.pop("keys", None)  # for redis-py's cache in the client, which is not used
        return callback(_or_raise(answer), **options) if callback else _or_raise(answer)

    def _ask(self, commands: Sequence[Command]) -> list[Any]:
        with _span(commands):
            for _ in range(TRIES - 1):
                try:
                    return self._connections.ask(commands)
                except redis.ConnectionError:
                    continue
            return self._connections.ask(commands)

    def close(self) -> None:
        self._connections.close()


class Connections:
    """Connections that are open, and room for more. For threads and greenlets."""

    def __init__(self, pool: redis.ConnectionPool, most: int, wait_seconds: float) -> None:
        self._pool = pool
        self._room = threading.BoundedSemaphore(most)
        self._wait_seconds = wait_seconds
        self._free: list[Any] = []

    def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together and read as many answers."""
        if not self._room.acquire(timeout=self._wait_seconds):
            raise redis.TimeoutError("All connections are in use.")
        try:
            connection = self._free.pop() if self._free else self._new()
            try:
                connection.send_packed_command(connection.pack_commands(commands), check_health=False)
                answers = [_read(connection) for _ in commands]
            except redis.ConnectionError:
                # The others are from before Redis went, too.
                connection.disconnect()
                self.close()
                raise
            except BaseException:
                # An answer that was not read would be taken for that of the next command.
                connection.disconnect()
                raise
            self._free.append(connection)
            return answers
        finally:
            self._room.release()

    def _new(self) -> Any:
        """Not by the pool, which counts all that it ever made towards its bound, also what broke since."""
        return self._pool.connection_class(**self._pool.connection_kwargs)

    def close(self) -> None:
        """Close what is open and not in use."""
        while self._free:
            self._free.pop().disconnect()


def _or_raise(answer: Any) -> Any:
    if isinstance(answer, redis.RedisError):
        raise answer
    return answer


def _read(connection: Any) -> Any:
    try:
        return connection.read_response()
    except redis.ResponseError as refusal:
        return refusal


def _span(commands: Sequence[Command]) -> AbstractContextManager[object]:
    """A span with the names of the commands and no argument; outside of a trace that is kept none."""
    if not get_current_span().is_recording():
        return nullcontext()
    operation = " ".join(str(command[0]) for command in commands)
    if len(commands) > 1:
        operation = f"PIPELINE {operation}"
    return tracing.span(operation, SpanKind.CLIENT, {names.DB_SYSTEM: SYSTEM, names.DB_OPERATION: operation})
