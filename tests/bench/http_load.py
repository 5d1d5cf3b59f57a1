"""Asks a server over HTTP: in a closed loop as fast as it answers, and in an open one at a fixed rate."""

import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Next = Callable[[], bytes]
"""Makes the next request: its head and body, as they go over the wire."""
TIMEOUT_SECONDS = 10.0
CONNECTION_FAULTS = (OSError, asyncio.IncompleteReadError, TimeoutError)


@dataclass
class Answers:
    """What came back in a stretch of time. An answer other than 200 is an error, so is none."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Of those answered 200, a second."""
        return len(self.milliseconds) / self.seconds

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.milliseconds, n=20)[-1]


class Wire:
    """One connection that is kept; after a fault the next request opens another."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> str:
        """The status, or the name of the fault."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._exchange(request)
        except CONNECTION_FAULTS as fault:
            self.close()
            return type(fault).__name__

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: bytes) -> str:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, after = head.partition(b"content-length:")
        await reader.readexactly(int(after.partition(b"\r\n")[0]))
        if b"connection: close" in head:
            self.close()
        return head.split(b" ", 2)[1].decode()


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in (headers or {}).items()]
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    return (head + "".join(lines) + "\r\n").encode() + body


async def closed_loop(port: int, senders: int, seconds: float, make: Next) -> Answers:
    """So many senders; each asks again as soon as it has its answer."""
    answers = Answers()
    until = time.monotonic() + seconds

    async def send() -> None:
        wire = Wire(port)
        while time.monotonic() < until:
            await _note(answers, wire, make(), time.monotonic())
        wire.close()

    began = time.monotonic()
    await asyncio.gather(*(send() for _ in range(senders)))
    answers.seconds = time.monotonic() - began
    return answers


async def open_loop(port: int, rate: float, make: Next, ended: asyncio.Event) -> Answers:
    """At this rate, whatever the server does, until `ended`; waiting for a turn counts as time."""
    answers, idle = Answers(), list[Wire]()
    asked: set[asyncio.Task[None]] = set()

    async def send(due: float) -> None:
        wire = idle.pop() if idle else Wire(port)
        await _note(answers, wire, make(), due)
        idle.append(wire)

    began = time.monotonic()
    for due in _instants(began, 1 / rate):
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), max(0.0, due - time.monotonic()))
        if ended.is_set():
            break
        task = asyncio.create_task(send(due))
        asked.add(task)
        task.add_done_callback(asked.discard)
    await asyncio.gather(*asked)
    answers.seconds = time.monotonic() - began
    for wire in idle:
        wire.close()
    return answers


async def beside(work: Coroutine[Any, Any, Answers], port: int, rate: float, make: Next) -> list[Answers]:
    """The answers of `work`, and those of an open loop that goes on as long as it."""
    ended = asyncio.Event()

    async def main() -> Answers:
        try:
            return await work
        finally:
            ended.set()

    return list(await asyncio.gather(main(), open_loop(port, rate, make, ended)))


async def _note(answers: Answers, wire: Wire, asked: bytes, since: float) -> None:
    status = await wire.ask(asked)
    if status == str(HTTPStatus.OK.value):
        answers.milliseconds.append((time.monotonic() - since) * 1000)
    else:
        answers.errors.append(status)


def _instants(began: float, step: float) -> Iterator[float]:
    number = 0
    while True:
        yield began + number * step
        number += 1
