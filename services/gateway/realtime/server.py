"""The WebSocket of simple-websocket, made safe under gevent, for slow readers and for floods."""

import logging
import socket
import struct
import threading
from contextlib import suppress
from functools import lru_cache
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
_WHOLE_TEXT, _LENGTH_OF_16_BITS, _LENGTH_OF_64_BITS = 0x81, 126, 127
EXTENSIONS_HEADER = "HTTP_SEC_WEBSOCKET_EXTENSIONS"


@lru_cache(maxsize=4)
def text_frame(text: str) -> bytes:
    """The frame of a server's message (RFC 6455, 5.2: whole, text, not masked).

    What goes to a thousand sockets is written once.
    """
    payload = text.encode()
    size = len(payload)
    if size < _LENGTH_OF_16_BITS:
        head = struct.pack("!BB", _WHOLE_TEXT, size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", _WHOLE_TEXT, _LENGTH_OF_16_BITS, size)
    else:
        head = struct.pack("!BBQ", _WHOLE_TEXT, _LENGTH_OF_64_BITS, size)
    return head + payload


class WholeSends:
    """The socket with a `send` that sends all of it, one frame after the other.

    simple-websocket calls `send()` and ignores how much was taken: under gevent big frames are cut,
    and two greenlets that send at once interleave.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        # gevent's own socket would wait; the one beneath says that it would have to.
        self._at_once = getattr(raw, "_sock", raw)
        self._lock = threading.Lock()
        self._rest = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def fileno(self) -> int:
        number: int = self._raw.fileno()
        return number

    def send(self, data: bytes) -> int:
        with self._lock:
            rest, self._rest = self._rest, b""
            self._raw.sendall(rest + data)
        return len(data)

    def send_at_once(self, frame: bytes) -> int:
        """Send as much as goes without waiting; returns how much.

        The rest of a frame that has begun goes before what is sent next.
        """
        if self._rest or not self._lock.acquire(blocking=False):
            return 0
        try:
            sent: int = self._at_once.send(frame, socket.MSG_DONTWAIT)
            self._rest = frame[sent:] if sent else b""
        except OSError:  # it is full, or gone: whoever sends next waits for it, or finds out
            return 0
        finally:
            self._lock.release()
        return sent


class SafeServer(simple_websocket.Server):  # type: ignore[misc]
    """One open WebSocket. `send`, `close` and `abort` may be called from any greenlet."""

    sock: Any
    connected: bool

    def handshake(self) -> None:
        # Compression would cost 300 KB a socket and open the door to frames that unpack to gigabytes.
        self.environ.pop(EXTENSIONS_HEADER, None)
        self.sock.settimeout(SEND_SECONDS)
        self.sock = WholeSends(self.sock)
        try:
            super().handshake()
        except RemoteProtocolError:
            raise malformed_request("The handshake is not that of a WebSocket.") from None

    def send(self, data: str) -> None:
        """Send a message, or with an empty one what is left of the last. Raises ConnectionClosed, OSError."""
        if not self.connected:
            raise simple_websocket.ConnectionClosed(self.close_reason, self.close_message)
        self.sock.send(text_frame(data) if data else b"")

    def send_at_once(self, data: str) -> str | None:
        """Send a message if it goes without waiting; never raises.

        Returns what `send` is still to be called with: nothing (None) when all of it went, the message when
        nothing went, an empty one when only the rest of its frame is to follow.
        """
        if not self.connected:
            return data
        frame = text_frame(data)
        sent = self.sock.send_at_once(frame)
        if sent == len(frame):
            return None
        return "" if sent else data

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
