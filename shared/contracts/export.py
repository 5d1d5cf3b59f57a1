"""Writes the contracts as files: JSON Schema for each RPC method and event, AsyncAPI for the events.

`python -m shared.contracts.export docs/contracts`; the same bytes every time.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from marshmallow import Schema, fields

from shared.contracts import booking, gateway, notify, payment, search
from shared.contracts.asyncapi import AsyncApi
from shared.contracts.declaration import EventType, RpcMethod
from shared.contracts.fields import Id, Instant
from shared.contracts.json_schema import DIALECT, Document, SchemaWriter
from shared.errors import COMMON_ERRORS, ErrorCode

CONTRACTS: tuple[ModuleType, ...] = (booking, gateway, notify, payment, search)


class EnvelopeSchema(Schema):
    """What surrounds the data of every event. `time` is when it became true, by the database's clock of
    the service that says so; `trace` carries the W3C trace context."""

    id = Id(required=True)
    type = fields.String(required=True)
    version = fields.Integer(required=True)
    aggregate_id = Id(required=True)
    aggregate_version = fields.Integer(required=True)
    provider_id = Id(required=True, allow_none=True)
    user_id = Id(required=True, allow_none=True)
    time = Instant(required=True)
    trace = fields.Dict(required=True)


def methods() -> Iterator[RpcMethod]:
    for contract in CONTRACTS:
        yield from contract.METHODS


def events() -> Iterator[EventType]:
    for contract in CONTRACTS:
        yield from contract.EVENTS


def rpc_document(method: RpcMethod) -> Document:
    """Request, answer and errors of one method."""
    writer = SchemaWriter()
    members = {"request": writer.reference(method.request), "answer": writer.reference(method.answer)}
    return {
        "$schema": DIALECT,
        "title": method.full_name,
        "type": "object",
        "properties": members,
        "required": ["request", "answer"],
        "x-kind": method.kind.value,
        "x-deadline-seconds": method.deadline_seconds,
        "x-errors": [_error(code) for code in (*method.errors, *COMMON_ERRORS)],
        "$defs": dict(sorted(writer.definitions.items())),
    }


def _error(code: ErrorCode) -> Document:
    return {"code": code.code, "category": code.category.value, "message": code.message}


def event_document(event: EventType) -> Document:
    """One event in its envelope, as it is on the wire."""
    writer = SchemaWriter()
    payload = event_payload(event, writer)
    return {
        "$schema": DIALECT,
        "title": f"{event.service}.{event.name} version {event.version}",
        **payload,
        "$defs": dict(sorted(writer.definitions.items())),
    }


def event_payload(event: EventType, writer: SchemaWriter) -> Document:
    envelope = writer.reference(EnvelopeSchema)
    data = writer.reference(event.data)
    named: Document = {
        "type": "object",
        "properties": {
            "type": {"const": event.name},
            "version": {"const": event.version},
            "data": data,
        },
        "required": ["data"],
    }
    return {"allOf": [envelope, named]}


def events_document() -> Document:
    """AsyncAPI of all events: an exchange per service, a message per event."""
    api = AsyncApi(
        "Care Services Platform: events",
        "1.0.0",
        "Facts that the services tell each other over RabbitMQ. Delivered at least once and in no "
        "certain order: keep the event id, apply a higher aggregate version only.",
        {"broker": {"host": "rabbitmq:5672", "protocol": "amqp", "description": "RabbitMQ"}},
    )
    writer = SchemaWriter("#/components/schemas/")
    for contract in CONTRACTS:
        if contract.EVENTS:
            _add_service(api, contract, writer)
    api.schemas = writer.definitions
    return api.document()


def _add_service(api: AsyncApi, contract: ModuleType, writer: SchemaWriter) -> None:
    channel = f"{contract.SERVICE}_events"
    exchange = {"name": f"{contract.SERVICE}.events", "type": "topic"}
    api.add_channel(
        channel,
        "{event}.{provider}.{user}",
        f"Topic exchange {contract.SERVICE}.events. An event that concerns no provider or no user carries "
        "- in that place of the routing key.",
        parameters={
            "event": {"description": "the event's name"},
            "provider": {"description": "provider's id, or -"},
            "user": {"description": "user's id, or -"},
        },
        bindings={"amqp": {"is": "routingKey", "exchange": exchange}},
    )
    for event in contract.EVENTS:
        payload = event_payload(event, writer)
        api.add_message(channel, event.name, {"name": event.name, "payload": payload})
    api.add_operation(f"{contract.SERVICE}_tells", "send", channel, [event.name for event in contract.EVENTS])


def documents() -> dict[str, Document]:
    """Every document by its path below the folder that it is written to."""
    found: dict[str, Document] = {"asyncapi-events.json": events_document()}
    for method in methods():
        found[f"rpc/{method.full_name}.json"] = rpc_document(method)
    for event in events():
        found[f"events/{event.service}.{event.name}.v{event.version}.json"] = event_document(event)
    return found


def to_text(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write_documents(folder: Path) -> None:
    """Write all documents; those of contracts that are gone are deleted."""
    wanted = documents()
    for name, document in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_text(document), encoding="utf-8")
    for kind in ("rpc", "events"):
        for path in (folder / kind).glob("*.json"):
            if f"{kind}/{path.name}" not in wanted:
                path.unlink()


if __name__ == "__main__":
    write_documents(Path(sys.argv[1]))
