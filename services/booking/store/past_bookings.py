"""Writes bookings of the past in bulk: they occupy nothing any more."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import Range, insert

from services.booking.domain.booking import Booking
from services.booking.domain.states import Change
from services.booking.store.facts import facts
from services.booking.store.quotes import quote_to_json
from services.booking.store.tables import booking as table

_NOTE = text(f"""
INSERT INTO booking_history (booking_id, version, to_state, actor, actor_id, reason, at, facts)
SELECT id, version, state, :actor, CAST(:actor_id AS uuid), :reason, :at,
    {facts("booking", "ARRAY[]::uuid[]")}
FROM booking WHERE id = ANY (CAST(:ids AS uuid[]))
""")


def known_ids(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these bookings are here already."""
    return set(connection.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars())


def insert_past(connection: Connection, bookings: Sequence[Booking], change: Change) -> int:
    """Add those that are not here yet, with a history row each; returns how many."""
    if not bookings:
        return 0
    statement = insert(table).values([_row(booking) for booking in bookings])
    added = connection.execute(
        statement.on_conflict_do_nothing(constraint="pk_booking").returning(table.c.id)
    ).scalars()
    by = {"actor": change.actor.value, "actor_id": change.actor_id, "reason": change.reason.value}
    return connection.execute(_NOTE, {**by, "at": change.at, "ids": list(added)}).rowcount


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
