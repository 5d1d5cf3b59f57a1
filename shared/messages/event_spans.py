"""Spans of an event on its way: created in its transaction, published by the relay, processed by a handler.

They follow OpenTelemetry's messaging conventions. The context of the creation is stored in the outbox row and
travels with the event; publishing and processing are traces of their own that link to it, since they may come
hours later and the trace of the request must not wait for them.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, get_current_span

from shared.contracts.declaration import EventType
from shared.messages.envelope import Event
from shared.telemetry import attributes as names
from shared.telemetry import tracing

SYSTEM = "rabbitmq"


def created(event: Event) -> dict[str, str]:
    """The context that the outbox row keeps: of a span of this event, so that a link names it exactly."""
    if not get_current_span().is_recording():
        return tracing.inject()
    attributes = {**_attributes("create", "create", _destination(event.type)), names.MESSAGE_ID: event.id}
    with tracing.span(f"create {event.type.name}", SpanKind.PRODUCER, attributes):
        return tracing.inject()


def publishing(exchange: str, carriers: Sequence[Mapping[str, str]]) -> AbstractContextManager[Span]:
    """Around a batch that the relay sends, with a link to each of its events."""
    attributes: dict[str, Any] = _attributes("publish", "send", exchange)
    attributes[names.MESSAGE_COUNT] = len(carriers)
    links = tracing.cause_links(carriers)
    return tracing.span(f"publish {exchange}", SpanKind.PRODUCER, attributes, context=Context(), links=links)


def processing(
    event_type: EventType, queue: str, event_id: object, carrier: object
) -> AbstractContextManager[Span]:
    """Around the work on an event that came from `queue`. Id and carrier may be unchecked: anything."""
    attributes = _attributes("process", "process", f"{_destination(event_type)}:{queue}")
    if isinstance(event_id, str):
        attributes[names.MESSAGE_ID] = event_id
    return tracing.caused_span(f"process {event_type.name}", attributes, carrier)


def _destination(event_type: EventType) -> str:
    """Exchange and event; what else is in the routing key are ids of people."""
    return f"{event_type.exchange}:{event_type.name}"


def _attributes(operation: str, kind: str, destination: str) -> dict[str, str]:
    return {
        names.MESSAGING_SYSTEM: SYSTEM,
        names.MESSAGING_OPERATION: operation,
        names.MESSAGING_OPERATION_TYPE: kind,
        names.MESSAGING_DESTINATION: destination,
    }
