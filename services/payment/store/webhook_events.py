"""Reading and writing webhooks as they came."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Result, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert

from services.payment.domain.capabilities import PaymentProviderName
from services.payment.domain.webhook import WebhookEvent
from services.payment.store.tables import webhook_event
from shared.database.session import send_with_next, unread
from shared.errors import not_found
from shared.messages import job_beside

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

_ADD_WITH_JOB = job_beside.with_job(_ADD, run_at="received_at")
"""One statement: webhooks come in floods, and trips to the database are half of what storing one takes."""

_MARK = unread(
    "UPDATE webhook_event SET outcome = 'worked', worked_at = app_now() WHERE event_id = %(event_id)s",
    event_id="varchar",
)
_WAITED = text("SELECT app_now() - received_at FROM webhook_event WHERE event_id = :event_id")


def keep(connection: Connection, event: WebhookEvent) -> datetime | None:
    """Store a webhook that nobody works; the instant of it, None when it is stored already (rule W1)."""
    return _instant(connection.execute(_ADD, _values(event, "kept")))


def keep_with_job(connection: Connection, event: WebhookEvent, kind: str) -> datetime | None:
    """Store a webhook with the job that works it; the instant of it, None when it is stored already."""
    job = job_beside.values(kind, event.event_id, {"event_id": event.event_id})
    return _instant(connection.execute(_ADD_WITH_JOB, _values(event, "waiting") | job))


def _values(event: WebhookEvent, outcome: str) -> dict[str, Any]:
    return {column.name: getattr(event, column.name) for column in _COLUMNS} | {"came_of_it": outcome}


def _instant(result: Result[Any]) -> datetime | None:
    received_at: datetime | None = result.scalar_one_or_none()
    return None if received_at is None else received_at.astimezone(UTC)


def by_id(connection: Connection, event_id: str) -> WebhookEvent:
    """Raises `not_found`."""
    row = connection.execute(select(*_COLUMNS).where(webhook_event.c.event_id == event_id)).one_or_none()
    if row is None:
        raise not_found()
    values = dict(row._mapping)
    values["payment_provider"] = PaymentProviderName(values["payment_provider"])
    return WebhookEvent(**values)


def mark_worked(connection: Connection, event_id: str) -> None:
    send_with_next(connection, _MARK, {"event_id": event_id})


def waited(connection: Connection, event_id: str) -> timedelta:
    """How long ago a webhook that is kept here came."""
    found: timedelta = connection.execute(_WAITED, {"event_id": event_id}).scalar_one()
    return found
