"""Reads payments for those who only compare: nothing is locked and nothing can be written."""

from datetime import datetime

from sqlalchemy import Connection, select, text

from services.payment.store.tables import payment


def forbid_writing(connection: Connection) -> None:
    """From here on this transaction reads one moment's state, and PostgreSQL refuses any change."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


def page_of_ids(connection: Connection, since: datetime, after_id: str | None, limit: int) -> list[str]:
    """Ids of payments opened since then, in their order, after `after_id`."""
    query = select(payment.c.id).where(payment.c.created_at >= since).order_by(payment.c.id).limit(limit)
    if after_id is not None:
        query = query.where(payment.c.id > after_id)
    return list(connection.execute(query).scalars())
