"""Keeps who has changed a provider's supply, when, and why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from services.booking.domain.states import Actor
from services.booking.store.supply_tables import supply_history
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class SupplyChange:
    """What was done: by which command, to what, and how many agreed visits it has stranded."""

    provider_id: str
    command: str
    changed_id: str | None
    stranded: int
    at: datetime


def note_change(
    connection: Connection, change: SupplyChange, actor: Actor, actor_id: str, reason: str | None
) -> None:
    """Rows are added and never changed."""
    connection.execute(
        insert(supply_history).values(
            id=new_id(),
            provider_id=change.provider_id,
            command=change.command,
            changed_id=change.changed_id,
            stranded=change.stranded,
            actor=actor.value,
            actor_id=actor_id,
            reason=reason,
            at=change.at,
        )
    )
