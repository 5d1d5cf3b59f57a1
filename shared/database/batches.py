"""Deletes what may go in small transactions: no long locks, however much there is."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select, tuple_

from shared.database.transaction import Transaction

BATCH = 1000
"""Rows of one transaction: a few milliseconds."""


def delete_some(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    """Delete at most BATCH rows; returns how many. The right to delete is enough, so nothing is locked first:
    of two processes at the same rows the second finds them gone, and leaves the rest to the first."""
    key: Sequence[Any] = list(table.primary_key.columns)
    chosen = select(*key).where(*conditions).limit(BATCH)
    return connection.execute(delete(table).where(tuple_(*key).in_(chosen))).rowcount


def delete_all(transaction: Transaction, some: Callable[[Connection], int]) -> int:
    """Call `some`, each time in a transaction of its own, until it finds less than a batch."""
    total = 0
    while True:
        with transaction() as connection:
            gone = some(connection)
        total += gone
        if gone < BATCH:
            return total
