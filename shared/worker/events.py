"""Event handlers: a queue per service and event; what fails waits in delay queues and is parked at last."""

import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from kombu.connection import Connection
from kombu.entity import Queue
from kombu.message import Message
from nameko.extensions import Entrypoint, ProviderCollector, SharedExtension, register_entrypoint
from opentelemetry.trace import Span

from shared import clock, logs
from shared.contracts.declaration import EventType
from shared.errors import ServiceError
from shared.fault_points import fault_point
from shared.ids import new_id
from shared.messages import event_spans
from shared.messages.broker import BrokerUnavailableError
from shared.messages.envelope import Event
from shared.messages.publisher import ConfirmingPublisher
from shared.messages.retry import FailedMessage, Fate, put_aside, reason_of
from shared.messages.topology import (
    PARKED_LOOK_SECONDS,
    declare_events,
    handler_queue,
    parked_queue,
)
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero
from shared.worker import broker
from shared.worker.consumer import NotSentError, Subscription

log = logging.getLogger(__name__)

EVENTS_SHARE_OF_WORKERS = 2
"""Of one queue, so many in hand as half of the workers: requests must find a free one soon."""
PAUSE_BEFORE_REQUEUE_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 1.0
PUT_ASIDE = "put aside, not acknowledged"
"""Fault point: of an event that failed there are two, in a delay queue and in the handler's own."""

Handler = Callable[[Any, Event], None]


@dataclass(frozen=True)
class Delivery:
    """An event as it came from the broker."""

    wire: object


@dataclass(frozen=True)
class Failure:
    """Why an event was not applied; `permanent`: no repeat can help."""

    error: Exception
    permanent: bool = False


def on_event(event_type: EventType) -> Callable[[Handler], Handler]:
    """Hear an event: the method gets an Event, at least once and in no certain order.

    The use case notes the event in the inbox in its own transaction. A method that raises gets
    the event again after EVENT_RETRY_SECONDS; after the last wait it is parked.
    """

    def decorate(method: Handler) -> Handler:
        @functools.wraps(method)
        def boundary(service: Any, delivery: Delivery) -> Failure | None:
            queue = handler_queue(service.name, event_type)
            return handle(event_type, queue, functools.partial(method, service), delivery)

        register_entrypoint(boundary, EventHandler(event_type))
        return boundary  # type: ignore[return-value]

    return decorate


def handle(
    event_type: EventType, queue: str, method: Callable[[Event], None], delivery: Delivery
) -> Failure | None:
    """Hand an event to its handler; raises nothing."""
    try:
        event = Event.from_wire(event_type, delivery.wire)
    except ServiceError as error:
        logs.event(log, logging.ERROR, "event_not_readable", queue=queue)
        return Failure(error, permanent=True)
    started = clock.monotonic()
    failure: Failure | None = None
    try:
        method(event)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever failed is tried again later
        failure = Failure(error)
        _log_failure(queue, event.id, error)
    seconds = clock.monotonic() - started
    metrics.event_handler_seconds.labels(queue, "failed" if failure else "ok").observe(seconds)
    if failure is None:
        fields = {"queue": queue, "event_id": event.id, "milliseconds": round(seconds * 1000, 1)}
        logs.event(log, logging.INFO, "event_handled", **fields)
    return failure


def _log_failure(queue: str, event_id: str, error: Exception) -> None:
    fields = {"queue": queue, "event_id": event_id}
    if isinstance(error, ServiceError):
        logs.event(log, logging.WARNING, "event_refused", code=error.code, **fields)
    else:
        log.error("event_failed", exc_info=error, extra={"fields": fields})


class EventConsumer(SharedExtension, ProviderCollector):  # type: ignore[misc]
    """All queues of events of a service, on one connection."""

    check_name = "events"

    def __init__(self) -> None:
        super().__init__()
        self.consumer: Any = None
        self.publisher: Any = None
        self._stopped = threading.Event()

    def setup(self) -> None:
        service = self.container.service_name
        handlers = [one for one in self.container.entrypoints if isinstance(one, EventHandler)]
        subscribed = [handler.event_type for handler in handlers]
        queues = [handler_queue(service, event_type) for event_type in subscribed]
        begin_at_zero(metrics.events_retried, queue=queues)
        begin_at_zero(metrics.events_parked, queue=queues)

        def prepare(connection: Connection) -> None:
            declare_events(connection, service, subscribed, broker.retry_seconds())

        broker.declare(prepare)
        self.publisher = ConfirmingPublisher(broker.uri(), f"retries {service}")
        prefetch = max(1, broker.prefetch() // EVENTS_SHARE_OF_WORKERS)
        self.consumer = broker.consumer(
            [
                Subscription(
                    # Declared by prepare, with its arguments and delay queues: a broker that lost
                    # its data gets all of it again.
                    Queue(handler_queue(service, handler.event_type), no_declare=True),
                    handler.handle_message,
                    prefetch,
                )
                for handler in handlers
            ],
            prepare,
        )

    def start(self) -> None:
        self.container.spawn_managed_thread(self.consumer.run)
        self.container.spawn_managed_thread(self._keep_publisher_alive)
        self.consumer.wait_until_consumer_ready()

    def stop(self) -> None:
        """Return when every event in hand is settled."""
        if self.consumer is not None:
            self.consumer.stop()
            self._stopped.set()
            self.publisher.close()

    def settle(self, message: Message, queue: str, failure: Failure | None) -> None:
        """Acknowledge; a failed event only after the broker has confirmed its copy. Raises NotSentError."""
        if failure is not None and not self._put_aside(message, queue, failure):
            time.sleep(PAUSE_BEFORE_REQUEUE_SECONDS)
            self.consumer.requeue_message(message)
            return
        self.consumer.ack_message(message)

    def _put_aside(self, message: Message, queue: str, failure: Failure) -> bool:
        failed = FailedMessage(
            self.container.service_name,
            queue,
            message.body,
            message.headers,
            message.properties.get("message_id") or new_id(),
        )
        reason, retries = reason_of(failure.error), len(broker.retry_seconds())
        try:
            fate = put_aside(self.publisher, failed, reason, retries, permanent=failure.permanent)
        except BrokerUnavailableError:
            logs.event(log, logging.WARNING, "event_not_put_aside", queue=queue)
            return False
        fault_point(PUT_ASIDE)
        if fate is Fate.PARKED:
            logs.event(log, logging.ERROR, "event_parked", queue=queue, event_id=failed.message_id)
        return True

    def _keep_publisher_alive(self) -> None:
        parked, look_at = parked_queue(self.container.service_name), clock.monotonic()
        while not self._stopped.wait(KEEP_ALIVE_SECONDS):
            with suppress(BrokerUnavailableError):
                self.publisher.keep_alive()
                if clock.monotonic() >= look_at:
                    look_at = clock.monotonic() + PARKED_LOOK_SECONDS
                    metrics.parked_events.set(self.publisher.waiting(parked))


class EventHandler(Entrypoint):  # type: ignore[misc]
    """The entrypoint behind `on_event`."""

    event_consumer = EventConsumer()

    def __init__(self, event_type: EventType, **kwargs: Any) -> None:
        self.event_type = event_type
        super().__init__(**kwargs)

    def work_span(self, delivery: Delivery) -> AbstractContextManager[Span]:
        """Begins a trace that links to who emitted the event, also when that was long ago."""
        wire = delivery.wire if isinstance(delivery.wire, Mapping) else {}
        return event_spans.processing(self.event_type, self.queue, wire.get("id"), wire.get("trace"))

    @property
    def queue(self) -> str:
        return handler_queue(self.container.service_name, self.event_type)

    def setup(self) -> None:
        self.event_consumer.register_provider(self)

    def stop(self) -> None:
        self.event_consumer.stop()
        self.event_consumer.unregister_provider(self)

    def handle_message(self, body: Any, message: Message) -> None:
        """Hand an event to a worker. Runs in the loop that reads the connection: never waits."""
        self.container.begin(
            self,
            Delivery(body),
            functools.partial(self.handle_result, message),
            functools.partial(self.event_consumer.consumer.abandon, message),
        )

    def handle_result(self, message: Message, worker_ctx: Any, result: Any, exc_info: Any) -> Any:
        failure = result if isinstance(result, Failure) else None
        try:
            self.event_consumer.settle(message, self.queue, failure)
        except NotSentError:
            logs.event(log, logging.WARNING, "event_not_acknowledged", queue=self.queue)
        if failure is None:
            return None, None
        return None, (type(failure.error), failure.error, failure.error.__traceback__)
