"""Takes requests and events from the broker; when it stops, work in hand is finished first (rule C16)."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from amqp import spec
from amqp.basic_message import Message as OutgoingMessage
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from nameko.amqp.consume import Consumer

from shared import clock, logs
from shared.messages.topology import RPC_EXCHANGE

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
"""How soon the loop notices a stop; also how often it looks at its heartbeats."""
RECONNECT_FIRST_SECONDS = 0.2
RECONNECT_STEP_SECONDS = 0.4
RECONNECT_MAX_SECONDS = 2.0
"""Short, because everything waits for this connection once the broker is back."""
PAUSE_AFTER_LOSS_SECONDS = 0.5
"""A broker that accepts connections and refuses the rest must not keep us spinning."""
CLOSE_SECONDS = 2.0
"""What closing the connection may take after the draining; a frozen broker never answers."""


class NotSentError(Exception):
    """An answer or acknowledgement found no connection; the broker delivers the message again."""


Prepare = Callable[[Connection], None]


@dataclass(frozen=True)
class Subscription:
    """A queue, what is called with (decoded JSON, message), and how many may be in hand at once."""

    queue: Queue
    on_message: Callable[[Any, Message], None]
    prefetch: int


class DrainingConsumer(Consumer):  # type: ignore[misc]
    """One connection for several queues. It comes back by itself and never raises out of `run`.

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
        """`prepare` declares, on every new connection, what the subscriptions need."""
        super().__init__(amqp_uri, heartbeat=heartbeat, accept=["json"])
        self._subscriptions = subscriptions
        self._prepare = prepare
        self._drain_seconds = drain_seconds
        self._stop_at: float | None = None
        self._active: list[Any] = []
        self._open: set[Message] = set()
        self._running = False
        self._drained = threading.Event()
        self._finished = threading.Event()
        self._attempts = 0
        self.connected = False

    @property
    def in_hand(self) -> int:
        """Messages that were handed out and not yet settled."""
        return len(self._open)

    def run(self) -> None:
        """Consume until stopped and drained. Runs in a greenlet of its own."""
        self._running = True
        try:
            while not self.should_stop:
                try:
                    for _ in self.consume(limit=None):
                        pass
                except Exception as error:  # noqa: BLE001 - whatever it is, the process must go on
                    self._lost(error)
        finally:
            self.connected = False
            self._drained.set()
            self._finished.set()

    def stop(self) -> None:
        """Take nothing new; return when work in hand is settled, or when time is up."""
        if self._stop_at is None:
            self._stop_at = clock.monotonic() + self._drain_seconds
        if self._running:
            self._drained.wait(self._drain_seconds)
            self._finished.wait(CLOSE_SECONDS)

    def consume(
        self,
        limit: int | None = None,
        timeout: float | None = None,
        safety_interval: float = 0,
        **kwargs: Any,
    ) -> Iterator[None]:
        messages: Iterator[None] = super().consume(limit, timeout, safety_interval or POLL_SECONDS, **kwargs)
        return messages

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error,
                None,
                RECONNECT_FIRST_SECONDS,
                RECONNECT_STEP_SECONDS,
                RECONNECT_MAX_SECONDS,
            )
            opened = connection.connection
            try:
                if self._prepare is not None:
                    self._prepare(connection)
                yield connection
            except Exception:
                # A polite end would wait for an answer, for ever when the broker is frozen.
                with suppress(Exception):
                    opened.collect()
                raise

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        self._attempts += 1
        if self._attempts == 1:
            logs.event(log, logging.WARNING, "broker_unreachable", error=type(exc).__name__)
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

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        logs.event(log, logging.INFO, "broker_connected", failed_attempts=self._attempts)
        self._attempts = 0
        self.connected = True
        super().on_consume_ready(connection, channel, consumers, **kwargs)

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
                body = json.loads(message.body)
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
        reply = OutgoingMessage(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=1,
            correlation_id=message.properties.get("correlation_id", ""),
        )
        with self._settling(message) as channel:
            # Not basic_publish: it reads from the connection, which only the loop may do.
            target = (0, RPC_EXCHANGE, message.properties["reply_to"], False, False)
            channel.send_method(spec.Basic.Publish, "Bssbb", target, reply)
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
        try:
            if not message.channel.connection:
                raise NotSentError
            yield message.channel
        except NotSentError:
            raise
        except Exception as error:
            # Half a frame may be out: this connection is of no use any more.
            with suppress(Exception):
                message.channel.connection.collapse()
            raise NotSentError from error
        finally:
            self._open.discard(message)

    def _lost(self, error: Exception) -> None:
        if self.connected:
            logs.event(log, logging.WARNING, "broker_lost", error=type(error).__name__, in_hand=self.in_hand)
        elif self._attempts == 0:
            self._attempts = 1
            log.error("consumer_failed", exc_info=error)
        self.connected = False
        if not self.should_stop:
            time.sleep(PAUSE_AFTER_LOSS_SECONDS)
