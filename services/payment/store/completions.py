"""Reading and writing which visits took place."""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.payment.store.tables import booking_completion


def remember(connection: Connection, booking_id: str, version: int, completed_at: datetime) -> None:
    """Keep that booking said so; it says it once."""
    statement = insert(booking_completion).values(
        booking_id=booking_id, version=version, completed_at=completed_at
    )
    connection.execute(statement.on_conflict_do_nothing(index_elements=["booking_id"]))


def completed_at(connection: Connection, booking_id: str) -> datetime | None:
    """When the visit of a booking was said to have taken place; None: not so far."""
    query = select(booking_completion.c.completed_at).where(booking_completion.c.booking_id == booking_id)
    return connection.execute(query).scalar_one_or_none()
