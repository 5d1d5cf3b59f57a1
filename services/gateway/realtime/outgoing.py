"""What waits to be sent to one socket: bounded, so that a slow reader holds up nobody."""

import threading
from collections import deque
from typing import Protocol

import simple_websocket
from wsproto.utilities import LocalProtocolError

from services.gateway.realtime.protocol import RESYNC_REQUIRED, CloseCode
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero

MAX_WAITING = 100
"""Messages that may wait for one socket. At a few hundred bytes each that is more than its TCP buffer."""

TOO_SLOW = "too_slow"
begin_at_zero(metrics.sockets_dropped, reason=(TOO_SLOW, *(code.name.lower() for code in CloseCode)))


class Channel(Protocol):
    """The socket as its writer sees it."""

    def send(self, data: str) -> None: ...
    def send_at_once(self, data: str) -> str | None: ...
    def close(self, reason: int | None = None, message: str | None = None) -> None: ...
    def abort(self) -> None: ...


class Outgoing:
    """A queue with one writer, in the order of `offer`.

    While nothing is queued a message goes at once, without the writer: of a thousand sockets nearly all can
    take one, and to wake a thousand writers takes longer than to send.
    """

    def __init__(self, channel: Channel, limit: int = MAX_WAITING) -> None:
        self._channel = channel
        self._limit = limit
        self._waiting: deque[str] = deque()
        self._closing: tuple[int, str] | None = None
        self._writing = False
        self._changed = threading.Condition()

    def offer(self, text: str) -> None:
        """Queue a message; never waits. Who is too far behind gets `resync-required` and is closed."""
        with self._changed:
            if self._closing is not None:
                return
            if len(self._waiting) >= self._limit:
                self._waiting.clear()
                self._waiting.append(RESYNC_REQUIRED)
                self._end(CloseCode.TRY_AGAIN_LATER, "too slow")
                metrics.sockets_dropped.labels(reason=TOO_SLOW).inc()
                return
            is_idle = not self._waiting and not self._writing
            left = self._channel.send_at_once(text) if is_idle else text
            if left is not None:
                self._waiting.append(left)
                self._changed.notify()

    def close(self, code: int, reason: str) -> None:
        """Send what waits, then close with this code; later messages are dropped."""
        with self._changed:
            if self._closing is None:
                self._end(code, reason)

    def write(self) -> None:
        """The writer: send until closed or until the peer is gone."""
        while True:
            with self._changed:
                self._writing = False
                while not self._waiting and self._closing is None:
                    self._changed.wait()
                if not self._waiting:
                    break
                text = self._waiting.popleft()
                self._writing = True
            try:
                self._channel.send(text)
            except (OSError, simple_websocket.ConnectionClosed, LocalProtocolError):
                self.close(CloseCode.GOING_AWAY, "gone")
                self._channel.abort()
                return
        code, reason = self._closing or (CloseCode.GOING_AWAY, "")
        self._channel.close(code, reason)

    def _end(self, code: int, reason: str) -> None:
        self._closing = (code, reason)
        self._changed.notify()
