"""Takes requests and events from the broker; when it stops, work in hand is finished first (rule C16)."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from amqp import spec
from amqp.basic_message import Message as OutgoingMessage
from kombu.entity import Queue
from kombu.message import Message

from shared import clock, logs
from shared.fault_points import fault_point
from shared.messages.topology import RPC_EXCHANGE
from shared.worker.connection import LastingConsumer, Prepare

log = logging.getLogger(__name__)

CLOSE_SECONDS = 2.0
"""What closing the connection may take after the draining; a frozen broker never answers."""
TRANSIENT = 1
ANSWERED = "answered, not acknowledged"
"""Fault point: who asked hears the answer, and the broker delivers the request again."""


class NotSentError(Exception):
    """An answer or acknowledgement found no connection; the broker delivers the message again."""


@dataclass(frozen=True)
class Subscription:
    """A queue, what is called with (decoded JSON, message), and how many may be in hand at once."""

    queue: Queue
    on_message: Callable[[Any, Message], None]
    prefetch: int


class DrainingConsumer(LastingConsumer):
    """One connection for several queues, given up only when nothing is in hand any more.

    nameko's own consumer closes its connection as soon as it stops: acknowledgements are lost and
    all work in hand runs again elsewhere. After `stop` this one cancels its subscriptions inside
    its own loop, keeps the connection until everything that it handed out is settled, then closes.
    """

    def __init__(
        self,
        amqp_uri: str,
        subscriptions: list[Subscription],
        *,
        heartbeat: int,
        drain_seconds: float,
        prepare: Prepare | None = None,
    ) -> None:
        super().__init__(amqp_uri, heartbeat=heartbeat, prepare=prepare)
        self._subscriptions = subscriptions
        self._drain_seconds = drain_seconds
        self._stop_at: float | None = None
        self._active: list[Any] = []
        self._open: set[Message] = set()
        self._running = False
        self._drained = threading.Event()
        self._finished = threading.Event()

    def run(self) -> None:
        """Consume until stopped and drained. Runs in a greenlet of its own; raises nothing."""
        self._running = True
        try:
            self.consume_until_stopped()
        finally:
            self._drained.set()
            self._finished.set()

    def stop(self) -> None:
        """Take nothing new; return when work in hand is settled, or when time is up."""
        if self._stop_at is None:
            self._stop_at = clock.monotonic() + self._drain_seconds
        if self._running:
            self._drained.wait(self._drain_seconds)
            self._finished.wait(CLOSE_SECONDS)

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        super().on_connection_error(exc, interval)
        if self._stop_at is not None:
            # Nothing can be settled without the broker: it delivers everything again.
            self.should_stop = True
            raise exc

    def get_consumers(self, consumer_cls: Any, channel: Any) -> list[Any]:
        # After a reconnect the broker has taken back whatever was in hand.
        self._open = set()
        self._active = []
        if self._stop_at is not None:
            return []
        for subscription in self._subscriptions:
            consumer = consumer_cls(
                queues=[subscription.queue], on_message=self._receiver(subscription), accept=self.accept
            )
            consumer.qos(prefetch_count=subscription.prefetch)
            self._active.append(consumer)
        return list(self._active)

    def on_iteration(self) -> None:
        """Runs inside the loop, in the greenlet that reads the connection."""
        if self._stop_at is None:
            return
        active, self._active = self._active, []
        for consumer in active:
            consumer.cancel()
        if not self._open or clock.monotonic() > self._stop_at:
            self._drained.set()
            self.should_stop = True

    def _receiver(self, subscription: Subscription) -> Callable[[Message], None]:
        def receive(message: Message) -> None:
            if self._stop_at is not None:
                message.requeue()
                return
            try:
                body = orjson.loads(message.body)
            except ValueError:
                logs.event(log, logging.ERROR, "message_not_json", queue=subscription.queue.name)
                message.reject()
                return
            self._open.add(message)
            subscription.on_message(body, message)

        return receive

    def answer(self, message: Message, body: bytes) -> None:
        """Send the answer to a request and acknowledge the request. Raises NotSentError.

        Both go down the request's own channel, in this order: the broker that has read the
        acknowledgement has the answer too, so the answer needs no confirmation of its own.
        """
        reply_to = message.properties.get("reply_to")
        reply = OutgoingMessage(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=TRANSIENT,
            correlation_id=message.properties.get("correlation_id", ""),
        )
        with self._settling(message) as channel:
            if reply_to:
                # Not basic_publish: it reads from the connection, which only the loop may do.
                target = (0, RPC_EXCHANGE, reply_to, False, False)
                channel.send_method(spec.Basic.Publish, "Bssbb", target, reply)
            fault_point(ANSWERED)
            message.ack()

    def ack_message(self, message: Message) -> None:
        """Acknowledge. Raises NotSentError."""
        with self._settling(message):
            message.ack()

    def requeue_message(self, message: Message) -> None:
        """Give the message back to its queue. Raises NotSentError."""
        with self._settling(message):
            message.requeue()

    def abandon(self, message: Message) -> None:
        """Leave the message as it is; the broker takes it back when the connection closes."""
        self._open.discard(message)

    @contextmanager
    def _settling(self, message: Message) -> Iterator[Any]:
        channel = message.channel
        connection = channel.connection
        try:
            if not connection:
                raise NotSentError
            yield channel
        except NotSentError:
            raise
        except Exception as error:
            # Half a frame may be out, so nothing may follow it. The loop reads the end and reconnects.
            with suppress(Exception):
                if connection.connected:
                    connection.sock.shutdown(socket.SHUT_RDWR)
            raise NotSentError from error
        finally:
            self._open.discard(message)
