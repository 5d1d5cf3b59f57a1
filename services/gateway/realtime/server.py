"""The WebSocket of simple-websocket, made safe under gevent, for slow readers and for floods."""

import logging
import threading
from contextlib import suppress
from typing import Any

import simple_websocket
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from services.gateway.problems import malformed_request
from services.gateway.realtime.protocol import CloseCode
from shared import logs
from shared.telemetry import metrics

log = logging.getLogger(__name__)

SEND_SECONDS = 10.0
"""A peer that takes no byte for so long is gone or does not read: its socket is dropped."""
MAX_PENDING_FRAMES = 100
"""Frames that came in and wait to be handled; who sends faster than we answer is cut off."""
EXTENSIONS_HEADER = "HTTP_SEC_WEBSOCKET_EXTENSIONS"


class _WholeSends:
    """The socket with a `send` that sends all of it, one frame after the other.

    simple-websocket calls `send()` and ignores how much was taken: under gevent big frames are cut,
    and two greenlets that send at once interleave.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def fileno(self) -> int:
        number: int = self._raw.fileno()
        return number

    def send(self, data: bytes) -> int:
        with self._lock:
            self._raw.sendall(data)
        return len(data)


class SafeServer(simple_websocket.Server):  # type: ignore[misc]
    """One open WebSocket. `send`, `close` and `abort` may be called from any greenlet."""

    sock: Any
    connected: bool

    def handshake(self) -> None:
        # Compression would cost 300 KB a socket and open the door to frames that unpack to gigabytes.
        self.environ.pop(EXTENSIONS_HEADER, None)
        self.sock.settimeout(SEND_SECONDS)
        self.sock = _WholeSends(self.sock)
        try:
            super().handshake()
        except RemoteProtocolError:
            raise malformed_request("The handshake is not that of a WebSocket.") from None

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """Send the close frame and wake whoever receives. Never raises."""
        if not self.connected:
            return
        with suppress(OSError, LocalProtocolError):
            super().close(reason, message)
        self.connected = False
        self.event.set()

    def abort(self) -> None:
        """Cut the connection without a word; for peers that don't read. Never raises."""
        self.connected = False
        with suppress(OSError):
            self.sock.shutdown(2)
        self.event.set()

    def _thread(self) -> None:
        # Whatever ended the reader: nobody may wait for its frames any more.
        try:
            super()._thread()
        finally:
            self.connected = False
            self.event.set()

    def _handle_events(self) -> bool:
        keep_going: bool = super()._handle_events()
        if len(self.input_buffer) <= MAX_PENDING_FRAMES:
            return keep_going
        logs.event(log, logging.INFO, "socket_floods")
        metrics.sockets_dropped.labels(reason=CloseCode.POLICY.name.lower()).inc()
        self.input_buffer.clear()
        self.close(CloseCode.POLICY, "too many frames")
        return False
