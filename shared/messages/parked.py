"""Events that their handlers gave up: looked at without taking them, sent back to their own handler."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from amqp.exceptions import NotFound

from shared.messages import broker
from shared.messages.broker import BROKER_ERRORS, BrokerUnavailableError
from shared.messages.publisher import ConfirmingPublisher
from shared.messages.retry import (
    PARKED_AT,
    QUEUE,
    REASON,
    attempts_of,
    publish_to_queue,
    without_accounts,
)
from shared.messages.topology import SERVICES, parked_queue

DELIVERY_LIMIT_REASON = "delivery_limit"
"""The broker itself parked it: its handler's process died or lost its connection too often."""


@dataclass(frozen=True)
class ParkedEvent:
    """What an operator sees of a parked event; never its data."""

    service: str
    event_id: str
    type: str
    handler_queue: str
    reason: str
    parked_at: str
    attempts: int


class ParkedEvents:
    """The parked queues of some services, over one broker connection at a time."""

    def __init__(self, amqp_uri: str, services: Iterable[str] = SERVICES) -> None:
        self._amqp_uri = amqp_uri
        self._services = tuple(services)

    def list(self) -> list[ParkedEvent]:
        """All parked events. Everything goes back to its queue. Raises BrokerUnavailableError.

        While it runs nothing else sees these events.
        """
        found: list[ParkedEvent] = []
        with self._connection() as connection:
            for service in self._services:
                found.extend(_describe(service, message) for message in _take(connection, service))
        return found

    def replay(self, event_ids: Iterable[str] | None = None) -> int:
        """Send events (None: all) to the queue of the handler that failed; returns how many.

        An event leaves the parked queue after the broker has confirmed its copy: a crash in between
        sends it twice, which the inbox absorbs. One that fails again is parked again, and is not
        taken a second time by this call. Raises BrokerUnavailableError.
        """
        chosen = None if event_ids is None else set(event_ids)
        publisher = ConfirmingPublisher(self._amqp_uri, "replay of parked events")
        replayed = 0
        try:
            with self._connection() as connection:
                for service in self._services:
                    for message in _take(connection, service):
                        event = _describe(service, message)
                        if chosen is None or event.event_id in chosen:
                            _send_back(publisher, message, event)
                            replayed += 1
        finally:
            publisher.close()
        return replayed

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """Whatever was taken and not acknowledged goes back when the connection ends."""
        connection = broker.connect(self._amqp_uri, "parked events")
        try:
            yield connection
        except BROKER_ERRORS as error:
            raise BrokerUnavailableError(type(error).__name__) from error
        finally:
            broker.close(connection)


def _take(connection: Any, service: str) -> Iterator[Any]:
    """Hand out the messages that are there now, each once; a service without a queue has none."""
    channel = connection.channel()
    queue = parked_queue(service)
    try:
        count = channel.queue_declare(queue, passive=True).message_count
    except NotFound:
        return
    for _ in range(count):
        message = channel.basic_get(queue)
        if message is None:
            return
        yield message


def _send_back(publisher: ConfirmingPublisher, message: Any, event: ParkedEvent) -> None:
    headers = without_accounts(message.headers or {})
    publish_to_queue(publisher, event.handler_queue, message.body, headers, event.event_id)
    message.channel.basic_ack(message.delivery_tag)


def _describe(service: str, message: Any) -> ParkedEvent:
    headers = message.headers or {}
    envelope = _envelope(message.body)
    by_us = QUEUE in headers and PARKED_AT in headers
    death = (headers.get("x-death") or [{}])[0]
    return ParkedEvent(
        service=service,
        event_id=str(envelope.get("id") or message.properties.get("message_id", "")),
        type=str(envelope.get("type", "")),
        handler_queue=str(headers[QUEUE] if by_us else death.get("queue", "")),
        reason=str(headers.get(REASON, "")) if by_us else DELIVERY_LIMIT_REASON,
        parked_at=str(headers[PARKED_AT] if by_us else death.get("time", "")),
        attempts=attempts_of(headers) + 1,
    )


def _envelope(body: str | bytes) -> dict[str, Any]:
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return envelope if isinstance(envelope, dict) else {}
