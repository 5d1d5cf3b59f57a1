"""Reads what became of a booking, change by change."""

from typing import Any

from sqlalchemy import Connection, select

from services.booking.store.tables import booking_history


def history_of(connection: Connection, booking_id: str) -> list[dict[str, Any]]:
    """Every change of state, the first first; few bookings have more than ten."""
    columns = [
        booking_history.c[name]
        for name in ("version", "from_state", "to_state", "actor", "actor_id", "reason", "note", "at")
    ]
    query = select(*columns).where(booking_history.c.booking_id == booking_id)
    return [dict(row._mapping) for row in connection.execute(query.order_by(booking_history.c.version))]
