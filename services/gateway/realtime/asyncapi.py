"""Describes the socket as AsyncAPI: `python -m services.gateway.realtime.asyncapi FILE`."""

import sys
from pathlib import Path
from typing import Any

from marshmallow import Schema

from services.gateway.realtime.messages import MESSAGES, Audience, message_schema
from services.gateway.realtime.protocol import (
    CLIENT_DATA,
    MAX_FRAME_ID,
    PATH,
    ClientEvent,
    ErrorSchema,
    NothingSchema,
    ServerEvent,
    SubscribedSchema,
)
from shared.contracts.asyncapi import AsyncApi
from shared.contracts.export import to_text
from shared.contracts.json_schema import Document, SchemaWriter

CHANNEL = "realtime"
FILE_NAME = "asyncapi-realtime.json"
ANSWERS: dict[ServerEvent, type[Schema]] = {
    ServerEvent.SUBSCRIBED: SubscribedSchema,
    ServerEvent.UNSUBSCRIBED: NothingSchema,
    ServerEvent.PONG: NothingSchema,
    ServerEvent.RESYNC_REQUIRED: NothingSchema,
    ServerEvent.ERROR: ErrorSchema,
}
DESCRIPTION = (
    "JSON text frames. The first frame is `authenticate`, unless the handshake carries the access token in "
    "its Authorization header; no valid token within 5 s closes with 4401, as does the token's expiry unless "
    "a new one was sent. Messages about events are delivered at least once and in no certain order: keep "
    "their `id`, and show the highest `version` of a booking. After `resync-required` fetch afresh what you "
    "show; a client that reads too slowly gets it and is closed with 1013."
)


def document() -> Document:
    """The socket, seen from the server: it receives what clients send and sends what they hear."""
    api = AsyncApi(
        "Care Services Platform: realtime",
        "1.0.0",
        DESCRIPTION,
        {"gateway": {"host": "localhost:3000", "protocol": "ws"}},
    )
    writer = SchemaWriter("#/components/schemas/")
    api.add_channel(CHANNEL, PATH, "The socket of one client.")
    for event, schema in CLIENT_DATA.items():
        _add(api, event, _frame(event, [writer.reference(schema)], id_required=False))
    for server_event, schema in ANSWERS.items():
        _add(api, server_event, _frame(server_event, [writer.reference(schema)], id_required=False))
    for told, (references, audiences) in _told(writer).items():
        _add(api, told, _frame(told, references, id_required=True), f"For {' and '.join(audiences)}.")
    api.add_operation("hear_clients", "receive", CHANNEL, [event.value for event in ClientEvent])
    api.add_operation("tell_clients", "send", CHANNEL, [event.value for event in ServerEvent])
    api.schemas = writer.definitions
    return api.document()


def _told(writer: SchemaWriter) -> dict[ServerEvent, tuple[list[Document], list[str]]]:
    """For each message about events: the data it may carry and who hears it."""
    told: dict[ServerEvent, tuple[list[Document], list[str]]] = {}
    for event, kinds in MESSAGES.items():
        for kind in kinds:
            references, audiences = told.setdefault(kind.event, ([], []))
            reference = writer.reference(message_schema(event))
            if reference not in references:
                references.append(reference)
            names = [audience.value for audience in Audience if audience in kind.audiences]
            audiences.extend(name for name in names if name not in audiences)
    return told


def _frame(event: str, data: list[Document], *, id_required: bool) -> Document:
    identity: Document = {"type": "string", "maxLength": MAX_FRAME_ID}
    if id_required:
        identity["format"] = "uuid"
    return {
        "type": "object",
        "properties": {
            "event": {"const": str(event)},
            "id": identity,
            "data": data[0] if len(data) == 1 else {"anyOf": data},
        },
        "required": ["event", "id", "data"] if id_required else ["event"],
    }


def _add(api: AsyncApi, event: str, payload: Document, summary: str = "") -> None:
    message: dict[str, Any] = {"name": str(event), "payload": payload}
    if summary:
        message["summary"] = summary
    api.add_message(CHANNEL, str(event), message)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(to_text(document()), encoding="utf-8")
