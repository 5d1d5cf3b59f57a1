"""Hears the services' events for the sockets of this process, and only those that somebody watches."""

import logging
import select
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import amqp

from shared import logs
from shared.contracts import booking_events, payment
from shared.messages import broker
from shared.messages.broker import BROKER_ERRORS, BrokerUnavailableError

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
"""Heartbeats are looked after at least this often."""
READ_AT_ONCE = 20
"""Messages that are read before the others get their turn: bell, heartbeats, and above all the sockets'
writers, whose bounded queues a long burst would fill before they could send."""
STOP_SECONDS = 5.0
LOST: tuple[type[Exception], ...] = (*BROKER_ERRORS, BrokerUnavailableError)
EXCHANGES = (booking_events.AVAILABILITY_CHANGED.exchange, payment.PAYMENT_SUCCEEDED.exchange)


@dataclass(frozen=True)
class Binding:
    """Which events of an exchange are wanted."""

    exchange: str
    routing_key: str


class Listener(Protocol):
    """Who is told; called in the relay's thread, must not wait."""

    def on_messages(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Routing key and body of each message that was there, in their order."""

    def on_restored(self) -> None:
        """The queue was lost and is whole again: what happened in between is not known."""


@dataclass
class _Round:
    """Changes of bindings that are made together, and who waits until they are in force."""

    changes: list[tuple[bool, Binding]] = field(default_factory=list)
    waiting: list[threading.Event] = field(default_factory=list)


class Relay:
    """One exclusive queue on one connection, both made anew whenever they are lost.

    All methods are for other threads; everything on the connection happens in the relay's own, since
    the broker lets only the connection that made an exclusive queue bind it.
    """

    def __init__(self, amqp_uri: str, listener: Listener) -> None:
        self._uri = amqp_uri
        self._listener = listener
        self._lock = threading.Lock()
        self._wanted: set[Binding] = set()
        self._round = _Round()
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="realtime-relay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the connection; returns when the thread has ended or after a few seconds."""
        self._stopping.set()
        self._ring()
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
        self._bell.close()
        self._ringer.close()

    def change(self, bind: Iterable[Binding] = (), unbind: Iterable[Binding] = ()) -> threading.Event:
        """Ask for other bindings. The event is set once these and all earlier changes are in force."""
        in_force = threading.Event()
        with self._lock:
            for binding in bind:
                self._wanted.add(binding)
                self._round.changes.append((True, binding))
            for binding in unbind:
                self._wanted.discard(binding)
                self._round.changes.append((False, binding))
            self._round.waiting.append(in_force)
        self._ring()
        return in_force

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # full of rings that wait: one is enough
            self._ringer.send(b"!")

    def _run(self) -> None:
        failures = 0
        lost = False
        while not self._stopping.is_set():
            try:
                with _Link(self._uri, self._listener, self._bell) as link:
                    failures = 0
                    self._serve(link, restored=lost)
            except LOST as error:
                failures += 1
                logs.event(log, logging.WARNING, "realtime_broker_lost", reason=type(error).__name__)
                self._stopping.wait(broker.wait_before_attempt(failures))
            except Exception as error:
                log.error("realtime_failed", exc_info=error)
                self._stopping.wait(broker.LONGEST_WAIT_SECONDS)
            lost = True

    def _serve(self, link: "_Link", *, restored: bool) -> None:
        with self._lock:
            self._round.changes = [(True, binding) for binding in self._wanted]
        tell_restored = self._listener.on_restored if restored else None
        self._turn(link, tell_restored)
        try:
            while not self._stopping.is_set():
                if link.wait():
                    with suppress(BlockingIOError):
                        self._bell.recv(4096)
                    self._turn(link)
        finally:
            with self._lock:
                self._round.waiting[:0] = link.unconfirmed()

    def _turn(self, link: "_Link", then: Callable[[], None] | None = None) -> None:
        """Make the changes that wait."""
        with self._lock:
            work, self._round = self._round, _Round()
        if then is None and not work.waiting:
            return
        try:
            link.apply(work.changes)
            link.mark(work.waiting, then)
        except BaseException:
            with self._lock:
                self._round.waiting[:0] = work.waiting
            raise


class _Link:
    """A connection with its queue."""

    def __init__(self, uri: str, listener: Listener, bell: socket.socket) -> None:
        self._uri = uri
        self._listener = listener
        self._bell = bell.fileno()
        self._marks: dict[str, tuple[list[threading.Event], Callable[[], None] | None]] = {}
        self._next_mark = 0
        self._heard: list[tuple[str, bytes]] = []

    def __enter__(self) -> "_Link":
        self._connection = broker.connect(self._uri, "gateway sockets")
        try:
            self._open_queue()
        except BaseException:
            self.__exit__()
            raise
        self._poll = select.poll()
        self._poll.register(self._connection.sock, select.POLLIN)
        self._poll.register(self._bell, select.POLLIN)
        return self

    def __exit__(self, *_error: object) -> None:
        broker.close(self._connection)

    def _open_queue(self) -> None:
        self._channel: Any = self._connection.channel()
        for exchange in EXCHANGES:
            self._channel.exchange_declare(exchange, type="topic", durable=True, auto_delete=False)
        self._queue: str = self._channel.queue_declare(exclusive=True).queue
        self._channel.basic_consume(
            queue=self._queue,
            consumer_tag="",
            no_ack=True,
            callback=self._on_message,
            on_cancel=self._on_cancel,
        )

    def apply(self, changes: Iterable[tuple[bool, Binding]]) -> None:
        """Send bindings without waiting for answers: a frozen broker must not stop the heartbeat's watch."""
        for bind, binding in changes:
            change = self._channel.queue_bind if bind else self._channel.queue_unbind
            change(self._queue, binding.exchange, binding.routing_key, nowait=True)

    def mark(self, waiting: list[threading.Event], then: Callable[[], None] | None) -> None:
        """Send a message to our own queue. The broker works on a channel's frames in order: when it
        comes back, the bindings before it are in force."""
        self._next_mark += 1
        name = str(self._next_mark)
        self._marks[name] = (waiting, then)
        self._channel.basic_publish(amqp.Message(b"", correlation_id=name), "", self._queue)

    def unconfirmed(self) -> list[threading.Event]:
        return [event for waiting, _ in self._marks.values() for event in waiting]

    def wait(self) -> bool:
        """Wait for the broker or the bell, at most a tick; True when the bell rang. Raises
        BROKER_ERRORS when the connection is lost."""
        ready = {descriptor for descriptor, _ in self._poll.poll(int(TICK_SECONDS * 1000))}
        if ready - {self._bell}:
            self._drain()
        self._connection.heartbeat_tick()
        return self._bell in ready

    def _drain(self) -> None:
        """Read what is there and wait for nothing: a heartbeat is a frame without a message, and whoever
        waited for the message behind it would miss the bell and our own heartbeats."""
        try:
            with suppress(TimeoutError):
                for _ in range(READ_AT_ONCE):
                    self._connection.drain_events(timeout=0)
        finally:
            self._tell()

    def _tell(self) -> None:
        heard, self._heard = self._heard, []
        if heard:
            self._listener.on_messages(heard)

    def _on_message(self, message: Any) -> None:
        if message.delivery_info["exchange"]:
            body = message.body
            self._heard.append(
                (message.delivery_info["routing_key"], body.encode() if isinstance(body, str) else body)
            )
            return
        # What came before the mark is told before it.
        self._tell()
        waiting, then = self._marks.pop(message.properties.get("correlation_id", ""), ([], None))
        if then is not None:
            then()
        for event in waiting:
            event.set()

    def _on_cancel(self, _tag: str) -> None:
        raise ConnectionError("the broker deleted our queue")
