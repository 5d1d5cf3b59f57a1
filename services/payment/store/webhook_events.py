"""Reading and writing webhooks as they came."""

import dataclasses
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.webhook import WebhookEvent
from services.payment.store.tables import webhook_event
from shared.errors import not_found

_COLUMNS = tuple(webhook_event.c[field.name] for field in dataclasses.fields(WebhookEvent))
_ADD = (
    insert(webhook_event)
    .values(
        {column.name: bindparam(column.name) for column in _COLUMNS}
        | {"outcome": bindparam("came_of_it"), "received_at": func.app_now()}
    )
    .on_conflict_do_nothing(index_elements=["event_id"])
    .returning(webhook_event.c.received_at)
)


def add(connection: Connection, event: WebhookEvent, outcome: str) -> datetime | None:
    """Store a webhook; the instant of it, None when it is stored already (rule W1)."""
    values = {column.name: getattr(event, column.name) for column in _COLUMNS}
    received_at: datetime | None = connection.execute(
        _ADD, values | {"came_of_it": outcome}
    ).scalar_one_or_none()
    return None if received_at is None else received_at.astimezone(UTC)


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
