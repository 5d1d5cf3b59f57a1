"""Names and arguments of every exchange and queue of the platform; nothing else spells them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from amqp.exceptions import PreconditionFailed
from kombu.connection import Connection

from shared.contracts.declaration import EventType

SERVICES = ("search", "booking", "payment", "notify", "gateway")

RPC_EXCHANGE = "nameko-rpc"
"""nameko's; requests by `<service>.<method>`, answers by the caller's reply key."""

DEFAULT_RETRY_SECONDS = (5, 30, 300, 3600)
DELIVERY_LIMIT = 20
"""A message that kills its worker this often is parked by the broker itself."""
PARKED_DELIVERY_LIMIT = 1_000_000
"""Listing parked events hands them out and takes them back: that must never count as poison."""
PARKED_LOOK_SECONDS = 6.0
"""How often a process asks how many events are parked: the broker parks by itself too, so only the queue
knows."""


@dataclass(frozen=True)
class Queue:
    """A durable queue with its arguments and bindings (exchange, routing key)."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    bindings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Topology:
    """What one service declares before it sends or hears events."""

    exchanges: tuple[str, ...]
    queues: tuple[Queue, ...]


class TopologyError(Exception):
    """A queue exists with other arguments than this release wants; the message says what to do."""


def events_exchange(service: str) -> str:
    """The topic exchange of a service's facts."""
    return f"{service}.events"


def rpc_queue(service: str) -> str:
    """nameko's queue of requests to a service. Only the service itself may declare it."""
    return f"rpc-{service}"


def handler_queue(service: str, event: EventType) -> str:
    """The queue of the service's handler of one event. Event names are unique in the platform."""
    return f"{service}.{event.name}"


def retry_queue(queue: str, attempt: int) -> str:
    """The delay queue of a handler's queue before its attempt 1, 2, ... after the first."""
    return f"{queue}.retry.{attempt}"


def parked_queue(service: str) -> str:
    """Where a service's events rest that its handlers gave up."""
    return f"parked.{service}"


def binding_key(event: EventType) -> str:
    """Every event of a type, whoever is concerned."""
    return f"{event.name}.#"


def describe(
    service: str,
    subscriptions: Iterable[EventType],
    retry_seconds: tuple[int, ...] = DEFAULT_RETRY_SECONDS,
) -> Topology:
    """Everything that `service` declares: its exchange, those it hears, a queue per event, delays, parked.

    Raises ValueError when two subscriptions would share a queue.
    """
    events = sorted(subscriptions, key=lambda event: event.name)
    names = [event.name for event in events]
    if len(set(names)) != len(names):
        raise ValueError(f"{service} subscribes to two events of one name")
    exchanges = sorted({events_exchange(service), *(event.exchange for event in events)})
    queues = [Queue(parked_queue(service), parked_arguments())]
    for event in events:
        queues.extend(event_queues(service, handler_queue(service, event), [event], retry_seconds))
    return Topology(tuple(exchanges), tuple(queues))


def event_queues(
    service: str,
    name: str,
    events: Iterable[EventType],
    retry_seconds: tuple[int, ...] = DEFAULT_RETRY_SECONDS,
) -> list[Queue]:
    """A queue that hears `events`, with its delay queues; what fails for good goes to `parked.<service>`."""
    bindings = tuple((event.exchange, binding_key(event)) for event in events)
    delays = [
        Queue(retry_queue(name, attempt), _dead_letters_to(name) | {"x-message-ttl": seconds * 1000})
        for attempt, seconds in enumerate(retry_seconds, start=1)
    ]
    return [Queue(name, _dead_letters_to(parked_queue(service)), bindings), *delays]


def parked_arguments() -> dict[str, Any]:
    return {"x-queue-type": "quorum", "x-delivery-limit": PARKED_DELIVERY_LIMIT}


def _dead_letters_to(queue: str) -> dict[str, Any]:
    """A quorum queue that hands on, through the default exchange, what it gives up, without losing it.

    at-least-once works only together with reject-publish (RabbitMQ, 'Quorum queues'). Valid on
    RabbitMQ 3.10 and 4.x.
    """
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def declare_events(
    connection: Connection,
    service: str,
    subscriptions: Iterable[EventType],
    retry_seconds: tuple[int, ...] = DEFAULT_RETRY_SECONDS,
) -> None:
    """Declare all that `describe` lists; harmless when it is there.

    Raises TopologyError, and broker.BROKER_ERRORS when the broker is lost.
    """
    declare(connection, describe(service, subscriptions, retry_seconds))


def declare(connection: Connection, topology: Topology) -> None:
    """Declare a topology. Raises TopologyError when a queue is there with other arguments."""
    channel: Any = connection.channel()
    for exchange in topology.exchanges:
        channel.exchange_declare(exchange, type="topic", durable=True, auto_delete=False)
    for queue in topology.queues:
        try:
            channel.queue_declare(queue.name, durable=True, auto_delete=False, arguments=queue.arguments)
        except PreconditionFailed as error:
            raise TopologyError(
                f"queue {queue.name} exists with other arguments: when it is empty, delete it and start again"
            ) from error
        for exchange, key in queue.bindings:
            channel.queue_bind(queue.name, exchange, key)
    channel.close()
