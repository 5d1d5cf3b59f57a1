"""Events as other services send them."""

from typing import Any

from shared.contracts.declaration import EventType
from shared.ids import new_id
from shared.messages.envelope import Event
from tests.contract import values


def event_of(event_type: EventType, data: dict[str, Any], version: int = 1) -> Event:
    """As it comes from the wire, about something that nobody has heard of."""
    wire = {
        "id": new_id(),
        "type": event_type.name,
        "aggregate_id": new_id(),
        "aggregate_version": version,
        "time": values.NOW,
        "data": data,
    }
    return Event.from_wire(event_type, wire)
