"""Reads payments for those who only compare: nothing is locked and nothing can be written."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text

from services.payment.store.tables import payment
from shared.ids import first_id_at

CLOCKS_DIFFER = timedelta(days=1)
"""At most so much: an id has the time of the process, a row that of the database."""


def forbid_writing(connection: Connection) -> None:
    """From here on this transaction reads one moment's state, and PostgreSQL refuses any change."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


def page_of_ids(connection: Connection, since: datetime, after_id: str | None, limit: int) -> list[str]:
    """Ids of payments opened since then, in their order, after `after_id`."""
    first = first_id_at(since - CLOCKS_DIFFER)
    query = (
        select(payment.c.id)
        .where(payment.c.id > max(first, after_id or first), payment.c.created_at >= since)
        .order_by(payment.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())
