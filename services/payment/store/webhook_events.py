"""Reading and writing webhooks as they came."""

import dataclasses
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.webhook import WebhookEvent
from services.payment.store.tables import webhook_event
from shared.errors import not_found

_COLUMNS = tuple(webhook_event.c[field.name] for field in dataclasses.fields(WebhookEvent))


def add(connection: Connection, event: WebhookEvent, outcome: str, now: datetime) -> bool:
    """Store a webhook; False when it is stored already (rule W1)."""
    statement = (
        insert(webhook_event)
        .values(**dataclasses.asdict(event), outcome=outcome, received_at=now)
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(webhook_event.c.event_id)
    )
    return connection.execute(statement).one_or_none() is not None


def by_id(connection: Connection, event_id: str) -> WebhookEvent:
    """Raises `not_found`."""
    row = connection.execute(select(*_COLUMNS).where(webhook_event.c.event_id == event_id)).one_or_none()
    if row is None:
        raise not_found()
    values = dict(row._mapping)
    values["payment_provider"] = PaymentProviderName(values["payment_provider"])
    return WebhookEvent(**values)


def mark_worked(connection: Connection, event_id: str, now: datetime) -> None:
    values = {"outcome": "worked", "worked_at": now}
    connection.execute(update(webhook_event).where(webhook_event.c.event_id == event_id).values(**values))


def received_at(connection: Connection, event_id: str) -> datetime:
    """When a webhook that is kept here came."""
    query = select(webhook_event.c.received_at).where(webhook_event.c.event_id == event_id)
    found: datetime = connection.execute(query).scalar_one()
    return found
