"""A pair of broker connections for RPC: one sends for all threads, one collects all answers."""

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import amqp
from amqp import spec

from shared import clock
from shared.messages import broker
from shared.messages.broker import BROKER_ERRORS, LOST_ERRORS
from shared.messages.readiness import wait_readable
from shared.messages.topology import RPC_EXCHANGE

TICK_SECONDS = 1.0
"""How often heartbeats are looked after."""
SEND_SECONDS = 2.0
"""A broker that doesn't read for this long is frozen: the call fails before it was sent."""
TRANSIENT = 1
MANDATORY = True


class NotSentError(Exception):
    """The request did not leave this process: it is safe to send again."""


@dataclass(frozen=True)
class Request:
    """A call in nameko's protocol. `expiration_ms`: past it the broker throws the request away."""

    routing_key: str
    body: bytes
    correlation_id: str
    headers: Mapping[str, str]
    expiration_ms: int


class RpcLink:
    """Lives as long as both connections do; when one breaks, the whole link is broken and replaced.

    `on_answer` gets (correlation id, body), `on_return` the correlation id of a request that no
    queue took. Both are called in whichever thread reads, and must not block.
    """

    def __init__(
        self,
        amqp_uri: str,
        name: str,
        on_answer: Callable[[str, str | bytes], None],
        on_return: Callable[[str], None],
    ) -> None:
        """Connect, declare the reply queue, start to consume. Raises BrokerUnavailableError."""
        self._on_answer = on_answer
        self._on_return = on_return
        self._lock = threading.Lock()
        self._broken = False
        # A new name each time: the broker may still hold the exclusive queue of a lost connection.
        self.reply_to = broker.unique_name(name)
        self._sending: Any = None
        self._receiving = broker.connect(amqp_uri, f"rpc answers {name}")
        try:
            self._sending = broker.connect(amqp_uri, f"rpc requests {name}")
            self._prepare(name)
        except BaseException as error:
            self.break_off()
            if isinstance(error, BROKER_ERRORS):
                raise broker.BrokerUnavailableError(type(error).__name__) from error
            raise

    def send(self, request: Request, seconds: float) -> None:
        """Publish at once, as mandatory. Raises NotSentError, also when the turn doesn't come in time."""
        if not self._lock.acquire(timeout=max(seconds, 0)):
            raise NotSentError("the broker takes no requests")
        try:
            if self._broken:
                raise NotSentError("the connection is lost")
            message = amqp.Message(
                request.body,
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=TRANSIENT,
                reply_to=self.reply_to,
                correlation_id=request.correlation_id,
                expiration=str(request.expiration_ms),
                application_headers=dict(request.headers),
            )
            # Not basic_publish: it reads what the broker has said, which is the watcher's part.
            target = (0, RPC_EXCHANGE, request.routing_key, MANDATORY, False)
            self._channel.send_method(spec.Basic.Publish, "Bssbb", target, message)
        except LOST_ERRORS as error:
            # Part of a frame may have left: the broker can't act on it, and nobody may write after it.
            self.break_off()
            raise NotSentError(type(error).__name__) from error
        finally:
            self._lock.release()

    def receive(self) -> None:
        """Hand out answers until the link breaks; then it returns."""
        next_tick = 0.0
        with suppress(*LOST_ERRORS):
            while not self._broken:
                with suppress(TimeoutError):
                    self._receiving.drain_events(timeout=TICK_SECONDS)
                now = clock.monotonic()
                if now >= next_tick:
                    self._receiving.heartbeat_tick()
                    next_tick = now + TICK_SECONDS
        self.break_off()

    def watch_sender(self) -> None:
        """Read returned requests, heartbeats and the end of the sending connection until the link breaks."""
        with suppress(*LOST_ERRORS):
            while not self._broken:
                wait_readable([self._sending.sock], TICK_SECONDS)
                with self._lock:
                    with suppress(TimeoutError):
                        while True:
                            self._sending.drain_events(timeout=0)
                    self._sending.heartbeat_tick()
        self.break_off()

    def break_off(self) -> None:
        """End both connections at once and wake whoever reads them; harmless when they are gone."""
        self._broken = True
        for connection in (self._receiving, self._sending):
            with suppress(OSError, AttributeError):
                # Asked for its socket, a closed connection of py-amqp would connect again.
                if connection.connected:
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the sockets back after `receive` and `watch_sender` have returned."""
        for connection in (self._receiving, self._sending):
            with suppress(*LOST_ERRORS):
                connection.collect()

    def _prepare(self, name: str) -> None:
        receiving = self._receiving.channel()
        receiving.exchange_declare(RPC_EXCHANGE, type="topic", durable=True, auto_delete=False)
        queue = f"rpc.reply-{self.reply_to}"
        receiving.queue_declare(queue, durable=False, exclusive=True, auto_delete=True)
        receiving.queue_bind(queue, RPC_EXCHANGE, self.reply_to)
        receiving.basic_consume(queue, no_ack=True, callback=self._answered)
        self._channel = self._sending.channel()
        self._channel.events["basic_return"].add(self._returned)
        self._sending.sock.settimeout(SEND_SECONDS)
        broker.read_ahead(self._receiving)

    def _answered(self, message: Any) -> None:
        self._on_answer(str(message.properties.get("correlation_id")), message.body)

    def _returned(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        self._on_return(str(message.properties.get("correlation_id")))
