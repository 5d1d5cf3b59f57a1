"""Keeps who has changed a provider's supply, when, and why, and tells it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, tuple_

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


@dataclass(frozen=True, slots=True)
class KeptChange(SupplyChange):
    """A change as it is kept: who made it, and why where an administrator did."""

    change_id: str
    actor: Actor
    actor_id: str
    reason: str | None


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


def changes_of(
    connection: Connection, provider_id: str, limit: int, after: tuple[datetime, str] | None
) -> list[KeptChange]:
    """Of one provider, the last first; `after`: (at, id) of the change behind which a page begins."""
    table = supply_history.c
    statement = (
        select(supply_history)
        .where(table.provider_id == provider_id)
        .order_by(table.at.desc(), table.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(table.at, table.id) < tuple_(*after))
    return [
        KeptChange(
            provider_id=row.provider_id,
            command=row.command,
            changed_id=row.changed_id,
            stranded=row.stranded,
            at=row.at,
            change_id=row.id,
            actor=Actor(row.actor),
            actor_id=row.actor_id,
            reason=row.reason,
        )
        for row in connection.execute(statement)
    ]
