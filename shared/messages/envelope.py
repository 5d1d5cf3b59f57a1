"""The form of an event: what a use case emits, what a handler gets, what travels between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared import clock
from shared.contracts.declaration import EventType, read, write
from shared.errors import validation_failed
from shared.ids import is_id, new_id

NOBODY = "-"
"""Stands in the routing key for 'no provider' or 'no user'."""


@dataclass(frozen=True)
class Event:
    """A fact about an aggregate, with its whole public state in `data` as the contract states it.

    `occurred_at` is the command's `app_now()`. `trace` is the W3C trace context of who emitted it;
    empty: that of the span which `outbox.append` makes.
    """

    type: EventType
    aggregate_id: str
    aggregate_version: int
    provider_id: str | None
    user_id: str | None
    data: dict[str, Any]
    occurred_at: datetime
    id: str = field(default_factory=new_id)
    trace: Mapping[str, str] = field(default_factory=dict)

    def routing_key(self) -> str:
        """`<event>.<provider id or ->.<user id or ->`, which sockets bind by."""
        return f"{self.type.name}.{self.provider_id or NOBODY}.{self.user_id or NOBODY}"

    def to_wire(self) -> dict[str, Any]:
        """The JSON object that travels. Raises marshmallow's ValidationError for wrong `data`."""
        return {
            "id": self.id,
            "type": self.type.name,
            "version": self.type.version,
            "aggregate_id": self.aggregate_id,
            "aggregate_version": self.aggregate_version,
            "provider_id": self.provider_id,
            "user_id": self.user_id,
            "time": clock.to_text(self.occurred_at),
            "trace": dict(self.trace),
            "data": write(self.type.data, self.data),
        }

    @classmethod
    def from_wire(cls, event_type: EventType, wire: object) -> "Event":
        """Read an event of a type that the consumer knows; a newer version's members are left out.

        Raises `validation_failed` for what is not such an event.
        """
        if not isinstance(wire, Mapping) or wire.get("type") != event_type.name:
            raise validation_failed("Not an event of this type.")
        try:
            return cls(
                type=event_type,
                id=_id(wire["id"]),
                aggregate_id=str(wire["aggregate_id"]),
                aggregate_version=int(wire["aggregate_version"]),
                provider_id=wire.get("provider_id"),
                user_id=wire.get("user_id"),
                data=read(event_type.data, wire["data"]),
                occurred_at=clock.from_text(wire["time"]),
                trace=dict(wire.get("trace") or {}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise validation_failed("An event's envelope is not complete.") from error


def _id(value: object) -> str:
    if not isinstance(value, str) or not is_id(value):
        raise ValueError("not an id")
    return value
