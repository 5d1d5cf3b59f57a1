"""The kept plans: a text file for each question, with its statements and how the database runs them."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from tests.plans.walk import Statement

FOLDER = Path(__file__).parents[2] / "docs" / "plans" / "booking"
WITH_BOOKINGS = (
    *("booking", "allocation", "booking_history", "further_resource", "payment_copy"),
    *("idempotency", "inbox"),
)
WITH_PROVIDERS = (
    *("provider", "service", "calendar", "service_rules", "service_need", "staff", "staff_service"),
    *("opening_hours", "working_hours", "date_hours", "time_off", "supply_history"),
    *("resource", "resource_pool", "resource_unit"),
)
GROWING = (*WITH_BOOKINGS, *WITH_PROVIDERS)
"""Tables that are never read from end to end. The outbox is emptied as it fills; refund policies are few."""

# What differs from run to run: ids, instants, numbers and lists of them.
_VARIABLE = (
    (r"'\{[^']*\}'", "'{...}'"),
    (r"'[0-9a-f-]{36}'", "'<id>'"),
    (r"'[^']*\d{4}-\d\d-\d\d[^']*'", "'<time>'"),
    (r"'-?\d+'::bigint", "'<number>'::bigint"),
    (r"'(?:[0-9a-f]{64}|[0-9a-f]{32})'", "'<digest>'"),
    (r"'\{\"[^']*'::jsonb?", "'<json>'::jsonb"),
)


def normal(statement: str) -> str:
    """A statement on one line, without the numbers of SQLAlchemy's parameters."""
    return re.sub(r"_\d+\)s", ")s", " ".join(statement.split()))


def render(connection: Connection, statements: list[Statement]) -> str:
    """Each statement with its plan, as EXPLAIN gives it without costs and without any planner switch."""
    parts = []
    for number, (statement, values) in enumerate(statements, 1):
        parts.append(f"-- {number}\n{normal(statement)}\n\n{_plan(connection, statement, values)}\n")
    return "\n".join(parts)


def statements_in(content: str) -> list[str]:
    """The statements of a kept file, as `normal` writes them."""
    return [part.split("\n", 2)[1] for part in re.split(r"(?m)^(?=-- \d+$)", content) if part.strip()]


def whole_tables_in(content: str) -> list[str]:
    """Tables that grow and are read from end to end."""
    found = re.findall(r"Seq Scan on (\w+)", content)
    return [table for table in found if table in GROWING]


def kept() -> dict[str, str]:
    """The kept files by question."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}


def _plan(connection: Connection, statement: str, values: Any) -> str:
    if isinstance(values, list | tuple):
        values = values[0] if values else {}
    rows = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", values or {}).scalars()
    plan = "\n".join(rows)
    for pattern, text in _VARIABLE:
        plan = re.sub(pattern, text, plan)
    return plan
