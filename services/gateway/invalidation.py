"""Raises cache generations on the events of search and booking: one queue for all gateway processes."""

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from services.gateway import cache_entries as subjects
from services.gateway.redis_link import RedisDownError
from shared import clock, logs
from shared.contracts import booking_events, search
from shared.contracts.declaration import EventType
from shared.errors import ServiceError
from shared.messages import broker, event_spans, topology
from shared.messages.broker import BROKER_ERRORS, BrokerUnavailableError
from shared.messages.envelope import Event
from shared.telemetry import metrics

log = logging.getLogger(__name__)

SERVICE = "gateway"
QUEUE = "gateway.cache"
PREFETCH = 20
DRAIN_SECONDS = 0.5
REDIS_PAUSE_SECONDS = 0.5
"""While Redis is away the event in hand is tried again this often; it stays unacknowledged."""


def subjects_of(event: Event) -> list[str]:
    """The subjects whose answers an event may have changed."""
    if event.type is booking_events.AVAILABILITY_CHANGED:
        provider_id = event.data["provider_id"]
        days = event.data["local_days"]
        if not days:
            return [subjects.calendar_subject(provider_id)]
        of_days = [subjects.day_subject(provider_id, day) for day in days]
        return [*of_days, subjects.any_day_subject(provider_id)]
    if event.type is search.CATEGORY_CHANGED:
        return [subjects.CATEGORIES, subjects.SEARCH]
    return [subjects.provider_subject(event.data["provider_id"]), subjects.SEARCH]


EVENTS: tuple[EventType, ...] = (
    search.CATEGORY_CHANGED,
    search.PROVIDER_PUBLISHED,
    search.PROVIDER_WITHDRAWN,
    search.SERVICE_PUBLISHED,
    search.SERVICE_WITHDRAWN,
    search.REVIEW_PUBLISHED,
    booking_events.AVAILABILITY_CHANGED,
)
_TYPES: Mapping[str, EventType] = {event.name: event for event in EVENTS}


def declared() -> topology.Topology:
    """What the gateway declares to hear these events: its queue, where it parks, the exchanges."""
    exchanges = sorted({topology.events_exchange(SERVICE), *(event.exchange for event in EVENTS)})
    parked = topology.Queue(topology.parked_queue(SERVICE), topology.parked_arguments())
    return topology.Topology(
        tuple(exchanges), (parked, *topology.event_queues(SERVICE, QUEUE, EVENTS, retry_seconds=()))
    )


class Invalidation:
    """One thread that hears the events and raises the generations before it acknowledges.

    A generation's new value is unique, so a second delivery does no harm, and neither does the
    order. `is_current` is the cache's licence to be read: this process hears the events, has ended
    what was stored before it did, and has none in hand that Redis did not take.
    """

    def __init__(self, amqp_uri: str, raise_generations: Callable[[list[str]], None]) -> None:
        self._amqp_uri = amqp_uri
        self._raise = raise_generations
        self._is_listening = False
        self._raising = True
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cache-invalidation", daemon=True)

    def is_current(self) -> bool:
        """Whether a cached answer may be read by this process now."""
        return self._is_listening and self._raising

    def raise_before_telling(self, events: Sequence[Event]) -> None:
        """For sockets: who is told of a change asks at once, and must not get the answer from before.

        The events come by the queue as well; when Redis is away nothing is read from it either.
        """
        ours = (event for event in events if event.type in EVENTS)
        changed = dict.fromkeys(subject for event in ours for subject in subjects_of(event))
        if changed:
            with contextlib.suppress(RedisDownError):
                self._raise([*changed])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(2 * DRAIN_SECONDS + broker.CLOSE_TIMEOUT_SECONDS)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                connection = broker.connect(self._amqp_uri, "gateway cache invalidation")
            except BrokerUnavailableError:
                failures += 1
                self._stopping.wait(broker.wait_before_attempt(failures))
                continue
            failures = 0
            try:
                self._consume(connection)
            except BROKER_ERRORS as error:
                logs.event(log, logging.WARNING, "cache_invalidation_lost", error=type(error).__name__)
            except Exception as error:
                log.error("cache_invalidation_failed", exc_info=error)
                self._stopping.wait(broker.LONGEST_WAIT_SECONDS)
            finally:
                self._is_listening = False
                broker.close(connection)

    def _consume(self, connection: Any) -> None:
        topology.declare(connection, declared())
        channel = connection.channel()
        channel.basic_qos(0, PREFETCH, False)
        channel.basic_consume(QUEUE, callback=lambda message: self._on_message(channel, message))
        # What changed while nobody listened here may still wait, in the queue or in another process's
        # hands. What is asked for from now on has seen these changes; what is stored has not.
        self._is_listening = self._raise_until_taken([subjects.EVERYTHING])
        looking, look_at = connection.channel(), clock.monotonic()
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection.drain_events(timeout=DRAIN_SECONDS)
            connection.heartbeat_tick()
            if clock.monotonic() >= look_at:
                look_at = clock.monotonic() + topology.PARKED_LOOK_SECONDS
                parked = looking.queue_declare(topology.parked_queue(SERVICE), passive=True)
                metrics.parked_events.set(parked.message_count)

    def _on_message(self, channel: Any, message: Any) -> None:
        tag = message.delivery_info["delivery_tag"]
        try:
            event = self._read(message)
        except (ServiceError, ValueError, KeyError, TypeError) as error:
            # The queue's dead letters go to parked.gateway, where an operator finds it.
            logs.event(log, logging.ERROR, "event_refused", error=type(error).__name__)
            channel.basic_reject(tag, requeue=False)
            return
        with event_spans.processing(event.type, QUEUE, event.id, event.trace):
            if self._raise_until_taken(subjects_of(event)):
                channel.basic_ack(tag)

    def _read(self, message: Any) -> Event:
        wire = orjson.loads(message.body)
        return Event.from_wire(_TYPES[wire["type"]], wire)

    def _raise_until_taken(self, names: list[str]) -> bool:
        """True once Redis took the raise; until then nothing is read from the cache. False: stopping."""
        while not self._stopping.is_set():
            try:
                self._raise(names)
            except RedisDownError:
                self._raising = False
                self._stopping.wait(REDIS_PAUSE_SECONDS)
            else:
                self._raising = True
                return True
        return False
