"""The frame of an AsyncAPI 3.0 document: what both the events and the socket are described in."""

from dataclasses import dataclass, field
from typing import Any

from shared.contracts.json_schema import Document

VERSION = "3.0.0"


@dataclass
class AsyncApi:
    """Collects channels, messages and operations in the order of their names, so that the document is the
    same every time.
    """

    title: str
    version: str
    description: str
    servers: Document
    channels: Document = field(default_factory=dict)
    operations: Document = field(default_factory=dict)
    messages: Document = field(default_factory=dict)
    schemas: Document = field(default_factory=dict)

    def add_channel(self, name: str, address: str, description: str, **more: Any) -> None:
        self.channels[name] = {"address": address, "description": description, "messages": {}, **more}

    def add_message(self, channel: str, name: str, message: Document) -> None:
        self.messages[name] = message
        self.channels[channel]["messages"][name] = {"$ref": f"#/components/messages/{name}"}

    def add_operation(self, name: str, action: str, channel: str, messages: list[str]) -> None:
        """`action` is `send` or `receive`, from the side of the application that is described."""
        self.operations[name] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel}"},
            "messages": [{"$ref": f"#/channels/{channel}/messages/{message}"} for message in messages],
        }

    def document(self) -> Document:
        return {
            "asyncapi": VERSION,
            "info": {"title": self.title, "version": self.version, "description": self.description},
            "defaultContentType": "application/json",
            "servers": self.servers,
            "channels": dict(sorted(self.channels.items())),
            "operations": dict(sorted(self.operations.items())),
            "components": {
                "messages": dict(sorted(self.messages.items())),
                "schemas": dict(sorted(self.schemas.items())),
            },
        }
