"""What goes over the wire of a socket: whole frames in their order, however much it takes at once."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from wsproto.frame_protocol import FrameProtocol, Opcode

from services.gateway.realtime.outgoing import Outgoing
from services.gateway.realtime.server import SafeServer, WholeSends, text_frame

MESSAGES = [f"{number:04}" + "x" * (number % 7) * 300 for number in range(2000)]
"""More than the buffers of a connection hold."""
PING = b"\x89\x00"


class Narrow:
    """A connection that takes a few bytes at once, as one that is nearly full."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._sock = self
        self.sendall = wire.sendall

    def send(self, frame: bytes, flags: int) -> int:
        return self._wire.send(frame[:3], flags)


class OpenSocket(SafeServer):
    """A socket whose handshake is over; what the client sends is not read."""

    def handshake(self) -> None:
        self.sock = WholeSends(self.sock)
        self.connected = True

    def _thread(self) -> None:
        """Read nothing."""


def heard(client: socket.socket, count: int) -> list[tuple[Opcode, str]]:
    """So many frames: what kind, and what they say."""
    reader, found, text = FrameProtocol(client=True, extensions=[]), list[tuple[Opcode, str]](), ""
    while len(found) < count:
        reader.receive_bytes(client.recv(1 << 16))
        for frame in reader.received_frames():
            text += str(frame.payload) if frame.opcode is Opcode.TEXT else ""
            if frame.frame_finished:
                found.append((frame.opcode, text if frame.opcode is Opcode.TEXT else ""))
                text = ""
    return found


Wrap = Callable[[socket.socket], Any]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_is_that_of_the_protocol(size: int) -> None:
    text = "\u00e9" + "x" * (size - 2) if size else ""
    assert text_frame(text) == FrameProtocol(client=False, extensions=[]).send_data(text)


@pytest.mark.parametrize("wrap", [lambda wire: wire, Narrow])
def test_what_goes_at_once_and_what_waits_come_whole_and_in_their_order(wrap: Wrap) -> None:
    """promise E3: a frame that was begun is ended before anything else, also before a ping."""
    ours, client = socket.socketpair()
    client.settimeout(5)
    server = OpenSocket({"gunicorn.socket": wrap(ours)})
    outgoing = Outgoing(server, limit=len(MESSAGES))
    for message in MESSAGES:
        outgoing.offer(message)
    pinging = threading.Thread(target=server.sock.send, args=(PING,), daemon=True)
    pinging.start()
    writing = threading.Thread(target=outgoing.write, daemon=True)
    writing.start()
    frames = heard(client, len(MESSAGES) + 1)
    assert [text for kind, text in frames if kind is Opcode.TEXT] == MESSAGES
    assert [kind for kind, _ in frames if kind is not Opcode.TEXT] == [Opcode.PING]
    outgoing.close(1001, "going away")
    for thread in (pinging, writing):
        thread.join(5)
    for end in (ours, client):
        end.close()
