"""What stands in payment's tables, as tests look at it."""

import json
from typing import Any

from sqlalchemy import Connection, Engine, text

from services.payment.store.tables import metadata
from services.payment.usecases.desk import Desk
from services.payment.usecases.work_jobs import job_handlers
from shared.messages.jobs import JobRunner

KEPT_TABLES = ("commission_rule",)
FIRST_RULES = "2000-01-01"
"""What is valid from then on is a setting's."""


def clear(owner: Engine) -> None:
    """Leave nothing stored but the first rules. Few rows go more quickly one by one than tables with their
    files, and the guards that keep history from being deleted stand aside."""
    names = [table.name for table in metadata.sorted_tables if table.name not in KEPT_TABLES]
    later_rules = f"DELETE FROM commission_rule WHERE valid_from > '{FIRST_RULES}'"
    deletions = "; ".join([*(f"DELETE FROM {name}" for name in names), later_rules])
    with owner.begin() as connection:
        connection.execute(text(f"SET LOCAL session_replication_role = replica; {deletions}"))


def rows(owner: Engine | Connection, query: str, **values: Any) -> list[dict[str, Any]]:
    """What a statement finds, or has changed: in the transaction of a connection, else for itself, without
    the trips to the database that begin and end one."""
    if isinstance(owner, Connection):
        return [dict(row._mapping) for row in owner.execute(text(query), values)]
    with owner.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = True  # SQLAlchemy's own word for it costs a trip each way
        try:
            return rows(connection, query, **values)
        finally:
            driver.autocommit = False


def payments_of(owner: Engine, booking_id: str) -> list[dict[str, Any]]:
    return rows(owner, "SELECT * FROM payment WHERE booking_id = :id ORDER BY id", id=booking_id)


def events(owner: Engine) -> list[dict[str, Any]]:
    """Committed events in the order in which they were written."""
    return [json.loads(row["body"]) for row in rows(owner, "SELECT body FROM outbox ORDER BY created_at, id")]


def event_names(owner: Engine) -> list[str]:
    return [event["type"] for event in events(owner)]


def jobs(owner: Engine) -> dict[str, str]:
    """State of each job by its kind."""
    return {
        row["kind"]: row["state"] for row in rows(owner, "SELECT kind, state FROM job ORDER BY created_at")
    }


def run_jobs(desk: Desk, owner: Engine) -> int:
    """Run all that is waiting, also what waits for a later time."""
    rows(owner, "UPDATE job SET run_at = app_now() WHERE state = 'waiting' RETURNING id")
    return JobRunner(desk.transaction, job_handlers(desk)).run_due(limit=2000)


def alter(owner: Engine, statement: str) -> None:
    """By hand, past every trigger."""
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        changed = connection.execute(text(statement)).rowcount
    assert changed == 1
