"""Lets a migration be run again that was killed after it had committed a part of itself.

What stands before an `autocommit_block()` is one transaction: all of it is there, or nothing.
"""

from alembic import op
from sqlalchemy import inspect, text

HALF_MADE = text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")


def is_there(table: str, column: str | None = None) -> bool:
    """Whether an attempt before has committed the transaction that makes this table or column."""
    found = inspect(op.get_bind())
    if column is None or not found.has_table(table):
        return found.has_table(table)
    return column in {each["name"] for each in found.get_columns(table)}


def make_index(name: str, definition: str, kind: str = "INDEX") -> None:
    """In an autocommit block: makes `CREATE <kind> ... ON <definition>` beside writes.

    What an attempt before has left half made is made anew. A whole one stays, so that nobody is without it.
    """
    if op.get_bind().execute(HALF_MADE, {"name": name}).first():
        op.execute(f"DROP INDEX CONCURRENTLY {name}")
    op.execute(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {definition}")
