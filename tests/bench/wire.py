"""Asks a server over HTTP, as fast as it answers (closed loop) or at a constant rate (open loop).

One thread, sockets and `select`: a request costs the generator some 30 microseconds, so that it takes
little from the servers that it measures on the same cores.
"""

import gc
import itertools
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from tests.bench.answers import Answers

LATE_SECONDS = 10.0
"""An answer that takes longer has not come."""
CHUNK = 1 << 18
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it goes over the wire, and the one status that is right; `then` gets the body."""

    kind: str
    raw: bytes
    expected: bytes = b"200"
    then: Callable[[bytes], None] | None = None


Next = Callable[[], Asked]
"""Makes the next request."""


def raw_request(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """A request as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}{lines}\r\n".encode() + body


class _Connection:
    """One kept connection with the request that is under way on it."""

    __slots__ = ("_port", "_received", "asked", "since", "socket")

    def __init__(self, port: int) -> None:
        self._port = port
        self._received = b""
        self.asked: Asked | None = None
        self.since = 0.0
        self.socket = self._connect()

    def send(self, asked: Asked, since: float) -> None:
        """Send it; its time counts from `since`."""
        self.asked, self.since = asked, since
        self.socket.sendall(asked.raw)

    def receive(self) -> tuple[bytes, bytes] | None:
        """Status and body when the whole answer is there. Raises OSError when it never will be."""
        piece = self.socket.recv(CHUNK)
        if not piece:
            raise ConnectionResetError
        received = self._received = self._received + piece if self._received else piece
        end = received.find(HEAD_END)
        if end < 0:
            return None
        head = received[:end].lower()
        _, _, after = head.partition(b"content-length:")
        body_begins = end + len(HEAD_END)
        if len(received) < body_begins + int(after.partition(b"\r\n")[0]):
            return None
        self._received = b""
        if b"connection: close" in head:
            self.renew()
        return received[9:12], received[body_begins:]

    def renew(self) -> None:
        self.close()
        self._received = b""
        self.socket = self._connect()

    def close(self) -> None:
        self.socket.close()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), LATE_SECONDS)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


class _Schedule:
    """When requests are due. `closed`: whenever a connection is free, until the end."""

    def __init__(self, rate: float | None, began: float, until: float) -> None:
        self._until = until
        self._instants = iter(()) if rate is None else _instants(began, 1 / rate, until)
        self._next = next(self._instants, None)
        self._is_closed = rate is None
        self._waiting: deque[float] = deque()

    def take(self, now: float) -> float | None:
        """The instant from which the next request's time counts; None when none is due."""
        if self._is_closed:
            return now if now < self._until else None
        while self._next is not None and self._next <= now:
            self._waiting.append(self._next)
            self._next = next(self._instants, None)
        return self._waiting.popleft() if self._waiting else None

    def pause(self, now: float) -> float:
        """How long nothing becomes due."""
        return LATE_SECONDS if self._next is None else max(0.0, self._next - now)

    @property
    def is_over(self) -> bool:
        return self._next is None and not self._waiting


def ask(port: int, connections: int, make: Next, seconds: float, rate: float | None = None) -> Answers:
    """Ask for so many seconds. Without `rate` each connection asks again as soon as it has its answer.

    With it a request is due every 1/rate seconds, whatever the server does, and its time counts from
    then: waiting for a free connection is part of it. Everything that was due is sent and awaited.
    """
    answers = Answers()
    with _undisturbed():
        idle = [_Connection(port) for _ in range(connections)]
        began = time.perf_counter()
        _run(answers, idle, make, _Schedule(rate, began, began + seconds))
        answers.seconds = time.perf_counter() - began if rate is None else seconds
    for connection in idle:
        connection.close()
    return answers


def _run(answers: Answers, idle: list[_Connection], make: Next, schedule: _Schedule) -> None:
    busy: dict[socket.socket, _Connection] = {}
    clock = time.perf_counter
    heard = clock()
    while True:
        now = clock()
        while idle and (due := schedule.take(now)) is not None:
            connection = idle.pop()
            connection.send(make(), due)
            busy[connection.socket] = connection
        if not busy and (schedule.is_over and schedule.take(now) is None):
            return
        ready, _, _ = select.select(busy, (), (), schedule.pause(now) if idle else LATE_SECONDS)
        if ready:
            heard = clock()
        elif clock() - heard > LATE_SECONDS and busy:
            _give_up(answers, busy, idle)
        for one in ready:
            connection = busy[one]
            if _hear(answers, connection):
                del busy[one]
                idle.append(connection)


def _hear(answers: Answers, connection: _Connection) -> bool:
    """Take what has come; True when the request is done with."""
    asked = connection.asked
    assert asked is not None
    try:
        answer = connection.receive()
    except OSError as fault:
        answers.wrong[f"{asked.kind}: {type(fault).__name__}"] += 1
        connection.renew()
        return True
    if answer is None:
        return False
    status, body = answer
    if status == asked.expected:
        took = (time.perf_counter() - connection.since) * 1000
        answers.by_kind.setdefault(asked.kind, []).append(took)
        if asked.then is not None:
            asked.then(body)
    else:
        answers.wrong[f"{asked.kind}: {status.decode()}"] += 1
    return True


def _give_up(answers: Answers, busy: dict[socket.socket, _Connection], idle: list[_Connection]) -> None:
    """Nothing has come for so long that nothing will."""
    for connection in busy.values():
        assert connection.asked is not None
        answers.wrong[f"{connection.asked.kind}: no answer"] += 1
        connection.renew()
        idle.append(connection)
    busy.clear()


def _instants(began: float, step: float, until: float) -> Iterator[float]:
    for number in itertools.count():
        if (due := began + number * step) >= until:
            return
        yield due


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without collections of garbage, which would pause the generator and look like a slow server."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
