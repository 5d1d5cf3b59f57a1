"""Connections as an HTTP client keeps them: a pool, reuse, one retry when an idle one was just closed."""

import http.client
import json
import select
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLOSED_BY_PEER = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
"""How a connection fails that the server closed before it read the request."""


@dataclass(frozen=True)
class Answer:
    """What came back. `retried`: the first try met a connection that the server had just closed."""

    status: int
    content: bytes
    retried: bool

    def data(self) -> Any:
        return json.loads(self.content)["data"]

    def next_page(self) -> str | None:
        """The cursor of a list's next page; None on the last."""
        following: str | None = json.loads(self.content)["page"]["next"]
        return following


@dataclass(frozen=True)
class Asked:
    """One request; safe to repeat: a GET, or a command with its Idempotency-Key."""

    method: str
    path: str
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]


class Connections:
    """The connections of one client to one server, kept alive between requests.

    A connection that the server closed while it was idle is noticed before it is used again. When the
    end and a request cross on the way, the request is sent once more on a new connection, as RFC 9110,
    9.2.2, allows for what is idempotent. Nothing else is repeated.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def ask(self, asked: Asked, seconds: float) -> Answer:
        """Send and read the whole answer within `seconds`. Raises OSError and HTTPException."""
        deadline = time.monotonic() + seconds
        kept = self._take()
        if kept is not None:
            try:
                return self._exchange(kept, asked, deadline, retried=False)
            except CLOSED_BY_PEER:
                pass
        fresh = http.client.HTTPConnection(*self._address)
        return self._exchange(fresh, asked, deadline, retried=kept is not None)

    def close(self) -> None:
        while (connection := self._take()) is not None:
            connection.close()

    def _take(self) -> http.client.HTTPConnection | None:
        """An idle connection that the server has not closed."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, asked: Asked, deadline: float, *, retried: bool
    ) -> Answer:
        began = time.monotonic()
        sent = 0.0
        try:
            connection.timeout = _left(deadline)
            if connection.sock is not None:
                connection.sock.settimeout(connection.timeout)
            body = None if asked.body is None else json.dumps(asked.body).encode()
            connection.request(asked.method, asked.path, body, dict(asked.headers))
            sent = time.monotonic()
            connection.sock.settimeout(_left(deadline))
            response = connection.getresponse()
            content = response.read()
        except BaseException as error:
            connection.close()
            error.add_note(_times(began, sent))
            raise
        if connection.sock is not None:
            with self._lock:
                self._idle.append(connection)
        return Answer(response.status, content, retried)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline passed")
    return left


def _times(began: float, sent: float) -> str:
    """Where the time of a request went that failed: whether server or client was slow."""
    now = time.monotonic()
    if not sent:
        return f"not sent, {now - began:.2f} s after it began"
    return f"sent {sent - began:.2f} s after it began, failed {now - sent:.2f} s after that"
