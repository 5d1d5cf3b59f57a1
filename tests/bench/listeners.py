"""Many WebSockets of one client: what each hears, and the instant at which it came."""

import base64
import json
import os
import select
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.fixtures.waiting import wait_until

CHUNK = 1 << 16
TEXT, LENGTH_OF_16_BITS, LENGTH_OF_64_BITS = 0x1, 126, 127
ANSWER_SECONDS = 60.0


@dataclass
class _Socket:
    """One connection with the pieces that came, each with its instant."""

    wire: socket.socket
    pieces: list[tuple[float, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Heard:
    """A text frame on one of the sockets; `at` by the wall clock."""

    socket: int
    at: float
    frame: dict[str, Any]


class Listeners:
    """Opens so many sockets, sends each its first frames, and listens in a thread of its own until closed.

    `addresses`: the X-Forwarded-For of each socket; `first`: the frames that each sends.
    """

    def __init__(self, port: int, addresses: Sequence[str], first: Sequence[Sequence[str]]) -> None:
        # Each speaks as soon as it is open: who shows no token within five seconds is closed.
        self._sockets = [_open(port, *one) for one in zip(addresses, first, strict=True)]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listeners", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()
        for one in self._sockets:
            one.wire.close()

    def wait_for_pieces(self, count: int) -> None:
        """Return when every socket has heard so many times, or raise AssertionError."""
        wait_until(
            lambda: all(len(one.pieces) >= count for one in self._sockets),
            f"{count} answers on {len(self._sockets)} sockets",
            seconds=ANSWER_SECONDS,
        )

    def heard(self) -> list[Heard]:
        """Everything so far."""
        return [
            Heard(number, at, json.loads(text))
            for number, one in enumerate(self._sockets)
            for at, text in texts_in(list(one.pieces))
        ]

    def _listen(self) -> None:
        poller = select.epoll()
        by_number = {one.wire.fileno(): one for one in self._sockets}
        for number in by_number:
            poller.register(number, select.EPOLLIN)
        while not self._closing.is_set():
            for number, _ in poller.poll(0.1):
                one = by_number[number]
                piece = one.wire.recv(CHUNK)
                one.pieces.append((time.time(), piece))
                if not piece:
                    poller.unregister(number)
        poller.close()


def _open(port: int, address: str, first: Sequence[str]) -> _Socket:
    """The handshake of RFC 6455, and the first frames."""
    wire = socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS)
    key = base64.b64encode(os.urandom(16)).decode()
    wire.sendall(
        f"GET /realtime HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        f"X-Forwarded-For: {address}\r\n\r\n".encode()
    )
    answer = wire.recv(CHUNK)
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    wire.sendall(b"".join(_masked(frame) for frame in first))
    return _Socket(wire)


def _masked(text: str) -> bytes:
    """A text frame of a client, masked with zeros."""
    payload = text.encode()
    size = len(payload)
    length = bytes([0x80 | size]) if size < LENGTH_OF_16_BITS else b"\xfe" + size.to_bytes(2, "big")
    return bytes([0x80 | TEXT]) + length + bytes(4) + payload


def texts_in(pieces: Sequence[tuple[float, bytes]]) -> list[tuple[float, bytes]]:
    """The text frames in what came; each has the instant of the piece that completed it."""
    found, buffer = [], b""
    for at, piece in pieces:
        buffer += piece
        while (frame := _first_frame(buffer)) is not None:
            opcode, payload, buffer = frame
            if opcode == TEXT:
                found.append((at, payload))
    return found


def _first_frame(buffer: bytes) -> tuple[int, bytes, bytes] | None:
    """Opcode, payload and what follows; None while it is not whole."""
    if len(buffer) < 2:
        return None
    size, begins = buffer[1] & 0x7F, 2
    if size in (LENGTH_OF_16_BITS, LENGTH_OF_64_BITS):
        width = 2 if size == LENGTH_OF_16_BITS else 8
        size, begins = int.from_bytes(buffer[2 : 2 + width], "big"), 2 + width
    if len(buffer) < begins + size:
        return None
    return buffer[0] & 0x0F, buffer[begins : begins + size], buffer[begins + size :]
