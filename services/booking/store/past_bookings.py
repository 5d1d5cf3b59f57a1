"""Writes bookings of the past in bulk: they occupy nothing any more."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import Range, insert

from services.booking.domain.booking import Booking
from services.booking.domain.states import Change
from services.booking.store.quotes import quote_to_json
from services.booking.store.tables import booking as table
from services.booking.store.tables import booking_history as history


def known_ids(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these bookings are here already."""
    return set(connection.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars())


def insert_past(connection: Connection, bookings: Sequence[Booking], change: Change) -> int:
    """Add those that are not here yet, with a history row each; returns how many."""
    if not bookings:
        return 0
    statement = insert(table).values([_row(booking) for booking in bookings])
    added = connection.execute(
        statement.on_conflict_do_nothing(constraint="pk_booking").returning(
            table.c.id, table.c.version, table.c.state
        )
    ).all()
    if added:
        rows = [
            {
                "booking_id": row.id,
                "version": row.version,
                "from_state": None,
                "to_state": row.state,
                "actor": change.actor.value,
                "actor_id": change.actor_id,
                "reason": change.reason.value,
                "at": change.at,
            }
            for row in added
        ]
        connection.execute(insert(history), rows)
    return len(added)


def _row(booking: Booking) -> dict[str, Any]:
    return {
        "id": booking.booking_id,
        "version": booking.version,
        "state": booking.state.value,
        "customer_id": booking.customer_id,
        "provider_id": booking.provider_id,
        "service_id": booking.service_id,
        "staff_id": booking.staff_id,
        "service_name": dict(booking.service_name),
        "visit": Range(booking.visit.start, booking.visit.end),
        "blocked": Range(booking.blocked.start, booking.blocked.end),
        "time_zone": booking.time_zone,
        "local_start": booking.start.local,
        "utc_offset": booking.start.offset_text,
        "quote": quote_to_json(booking.quote),
        "hold_prolonged": False,
        "cancel_cause": booking.cancel_cause,
        "created_at": booking.created_at,
    }
