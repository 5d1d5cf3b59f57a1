"""Events by which cached answers end, with no more in them than that needs."""

from shared import clock
from shared.contracts.declaration import EventType
from shared.ids import new_id
from shared.messages.envelope import Event


def cache_event(event_type: EventType, provider_id: str) -> Event:
    """An event about a provider: of no service and no day in particular."""
    return Event(
        type=event_type,
        aggregate_id=new_id(),
        aggregate_version=1,
        provider_id=provider_id,
        user_id=None,
        data={"provider_id": provider_id, "service_ids": [], "local_days": []},
        occurred_at=clock.now(),
    )
