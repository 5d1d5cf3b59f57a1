"""Persistent messages in batches, each confirmed by the broker before the caller goes on."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import amqp

from shared import clock
from shared.fault_points import fault_point
from shared.messages import broker
from shared.messages.broker import BROKER_ERRORS, BrokerUnavailableError

CONFIRM_SECONDS = 5.0
"""A broker that confirms no sooner is taken for lost, and the batch is sent again."""
PERSISTENT = 2
UNCONFIRMED = "sent, unconfirmed"
"""Fault point: the broker may have it."""
LONGEST_ROUTING_KEY = 255
"""Bytes of AMQP 0-9-1's short string."""


@dataclass(frozen=True)
class Outgoing:
    """A JSON message on its way to an exchange (the empty one: to the queue `routing_key`).

    `mandatory`: it counts as confirmed only when at least one queue took it.
    """

    exchange: str
    routing_key: str
    body: str | bytes
    message_id: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    mandatory: bool = False


def can_be_sent(message: Outgoing) -> bool:
    """Whether it can be written in AMQP at all; one that can't fails again on every connection."""
    try:
        _to_amqp(message)._serialize_properties()
    except Exception:  # noqa: BLE001 - py-amqp raises whatever a value of a wrong type leads to
        return False
    return len(message.routing_key.encode(errors="replace")) <= LONGEST_ROUTING_KEY


def _to_amqp(message: Outgoing) -> Any:
    return amqp.Message(
        message.body,
        content_type="application/json",
        content_encoding="utf-8",
        delivery_mode=PERSISTENT,
        message_id=message.message_id,
        application_headers=dict(message.headers),
    )


@dataclass
class _Batch:
    """What is still open of a batch: delivery tags, and which messages came back or were refused."""

    open_tags: dict[int, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


class ConfirmingPublisher:
    """One connection, opened at the first need and again after it was lost; safe for many threads."""

    def __init__(self, amqp_uri: str, name: str, exchanges: tuple[str, ...] = ()) -> None:
        """`exchanges` are topic exchanges that are declared with the connection."""
        self._amqp_uri = amqp_uri
        self._name = name
        self._exchanges = exchanges
        self._lock = threading.Lock()
        self._connection: Any = None
        self._channel: Any = None
        self._looking: Any = None
        self._tag = 0
        self._batch = _Batch()

    def publish(self, messages: Sequence[Outgoing], confirm_seconds: float = CONFIRM_SECONDS) -> set[str]:
        """Send all, wait for all confirms; returns the message ids that the broker took.

        The others were refused, or returned because no queue took a mandatory one. Raises
        BrokerUnavailableError when the connection was lost or the confirms did not come in time:
        then none is known to be stored, some may be.
        """
        with self._lock:
            try:
                return self._publish(messages, confirm_seconds)
            except BROKER_ERRORS as error:
                self._drop()
                raise BrokerUnavailableError(type(error).__name__) from error

    def keep_alive(self) -> None:
        """Read what the broker sent and answer its heartbeats; call it about once a second.

        Raises BrokerUnavailableError when the connection was lost meanwhile.
        """
        with self._lock:
            if self._connection is None:
                return
            try:
                with suppress(TimeoutError):
                    self._connection.drain_events(timeout=0)
                self._connection.heartbeat_tick()
            except BROKER_ERRORS as error:
                self._drop()
                raise BrokerUnavailableError(type(error).__name__) from error

    def waiting(self, queue: str) -> int:
        """How many messages rest in a queue of ours. Raises BrokerUnavailableError."""
        with self._lock:
            try:
                if self._connection is None:
                    self._open()
                # Of its own: the broker closes the channel on which a queue is not found.
                if self._looking is None or not self._looking.is_open:
                    self._looking = self._connection.channel()
                count = self._looking.queue_declare(queue, passive=True).message_count
            except BROKER_ERRORS as error:
                self._drop()
                raise BrokerUnavailableError(type(error).__name__) from error
            return int(count)

    def close(self) -> None:
        """Close the connection; a later publish opens another."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                broker.close(connection)

    def _publish(self, messages: Sequence[Outgoing], confirm_seconds: float) -> set[str]:
        if self._connection is None:
            self._open()
        self._batch = batch = _Batch()
        for message in messages:
            self._tag += 1
            batch.open_tags[self._tag] = message.message_id
            self._channel.basic_publish(
                _to_amqp(message),
                exchange=message.exchange,
                routing_key=message.routing_key,
                mandatory=message.mandatory,
                timeout=confirm_seconds,
            )
        fault_point(UNCONFIRMED)
        self._await_confirms(batch, clock.monotonic() + confirm_seconds)
        return {message.message_id for message in messages} - batch.refused

    def _await_confirms(self, batch: _Batch, deadline: float) -> None:
        while batch.open_tags:
            remaining = deadline - clock.monotonic()
            if remaining <= 0:
                raise TimeoutError("the broker did not confirm in time")
            self._connection.drain_events(timeout=remaining)

    def _open(self) -> None:
        connection = broker.connect(self._amqp_uri, self._name)
        channel = connection.channel()
        for exchange in self._exchanges:
            channel.exchange_declare(exchange, type="topic", durable=True, auto_delete=False)
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        channel.events["basic_return"].add(self._on_return)
        self._connection, self._channel, self._tag = connection, channel, 0
        self._looking = None

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*BROKER_ERRORS):
                connection.collect()

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._batch.refused.update(self._settle(tag, multiple))

    def _on_return(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        self._batch.refused.add(message.properties["message_id"])

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        open_tags = self._batch.open_tags
        tags = [each for each in open_tags if each <= tag] if multiple else [tag]
        return [open_tags.pop(each) for each in tags if each in open_tags]
