"""Stands in for the socket and the relay, so that hub and conversation are tested without a server."""

import threading
from collections import deque
from collections.abc import Iterable

import simple_websocket

from services.gateway.realtime.relay import Binding


class FakeRelay:
    """Remembers what is bound; `is_answering` False is a broker that is away."""

    def __init__(self) -> None:
        self.bound: set[Binding] = set()
        self.is_answering = True

    def change(self, bind: Iterable[Binding] = (), unbind: Iterable[Binding] = ()) -> threading.Event:
        self.bound |= set(bind)
        self.bound -= set(unbind)
        event = threading.Event()
        if self.is_answering:
            event.set()
        return event


class FakeWatcher:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.closed: tuple[int, str] | None = None

    def offer(self, text: str) -> None:
        self.told.append(text)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class FakeSocket:
    """A client whose frames are written before; it leaves when they are all read.

    `gate`, while it is not set, is a client that does not read.
    """

    def __init__(self, *frames: str, patience: bool = False) -> None:
        self.frames = deque(frames)
        self.sent: list[str] = []
        self.timeouts: list[float | None] = []
        self.closed: tuple[int | None, str | None] | None = None
        self.is_aborted = False
        self.gate = threading.Event()
        self.gate.set()
        self.sending = threading.Event()
        self.ended = threading.Event()
        self._is_patient = patience

    def receive(self, timeout: float | None = None) -> str | None:
        self.timeouts.append(timeout)
        if self.frames:
            return self.frames.popleft()
        if self._is_patient and timeout is not None:
            return None
        if timeout is None:
            self.ended.wait(5)
        raise simple_websocket.ConnectionClosed()

    def send(self, data: str) -> None:
        self.sending.set()
        assert self.gate.wait(5)
        self.sent.append(data)

    def send_at_once(self, data: str) -> str | None:
        if not self.gate.is_set():
            return data
        self.sent.append(data)
        return None

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        self.closed = self.closed or (reason, message)
        self.ended.set()

    def abort(self) -> None:
        self.is_aborted = True
        self.ended.set()
