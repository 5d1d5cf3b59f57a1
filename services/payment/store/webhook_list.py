"""Kept webhooks with the jobs that work them, for those who look after them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.tables import job, webhook_event
from shared.errors import not_found
from shared.ids import new_id
from shared.messages.job_statements import JobState

WORK_JOB = "work_webhook"
WAITING, PARKED = "waiting", "parked"

Place = tuple[datetime, str]
"""Where a webhook stands in the list: when it came, and its id."""

_is_parked = and_(webhook_event.c.outcome == WAITING, job.c.state == JobState.PARKED)
_COLUMNS = (
    *(webhook_event.c[name] for name in ("event_id", "type", "object_id", "account")),
    case((_is_parked, PARKED), else_=webhook_event.c.outcome).label("outcome"),
    func.coalesce(job.c.attempts, 0).label("attempts"),
    func.nullif(job.c.reason, "").label("reason"),
    *(webhook_event.c[name] for name in ("stated_at", "received_at", "worked_at")),
)
_with_job = webhook_event.outerjoin(job, and_(job.c.kind == WORK_JOB, job.c.key == webhook_event.c.event_id))


def page(
    connection: Connection, outcome: str | None, before: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Newest first, older than `before`, of one outcome or of all."""
    query = select(*_COLUMNS).select_from(_with_job)
    query = _of_outcome(query, outcome)
    if before is not None:
        query = query.where(tuple_(webhook_event.c.received_at, webhook_event.c.event_id) < before)
    query = query.order_by(webhook_event.c.received_at.desc(), webhook_event.c.event_id.desc())
    return [_read(row) for row in connection.execute(query.limit(limit))]


def one(connection: Connection, event_id: str) -> dict[str, Any]:
    """Raises `not_found`."""
    query = select(*_COLUMNS).select_from(_with_job).where(webhook_event.c.event_id == event_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise not_found()
    return _read(row)


def begin_anew(connection: Connection, event_id: str, now: datetime) -> None:
    """Let its job run once more from the first attempt; one that is waiting or running is left alone."""
    values = {"state": JobState.WAITING, "attempts": 0, "run_at": now, "reason": ""}
    statement = insert(job).values(
        id=new_id(), kind=WORK_JOB, key=event_id, payload={"event_id": event_id}, trace={}, **values
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "key"],
            set_=values,
            where=job.c.state.in_([JobState.DONE, JobState.PARKED]),
        )
    )
    again = {"outcome": WAITING, "worked_at": None}
    connection.execute(update(webhook_event).where(webhook_event.c.event_id == event_id).values(**again))


def _of_outcome(query: Select[Any], outcome: str | None) -> Select[Any]:
    if outcome is None:
        return query
    if outcome == PARKED:
        return query.where(_is_parked)
    query = query.where(webhook_event.c.outcome == outcome)
    return query.where(job.c.state.is_distinct_from(JobState.PARKED)) if outcome == WAITING else query


def _read(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)
