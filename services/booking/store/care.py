"""Writes and reads who receives the care of a booking, and where."""

import json
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, text

from services.booking.domain.booking import Booking
from services.booking.domain.care import Address, Care, Recipient
from services.booking.store.records import select_bookings, to_booking
from services.booking.store.tables import booking as table
from services.booking.store.tables import care as care_table
from shared.geo import Point

NOTHING = Care()

_INSERT = text("""
INSERT INTO care (booking_id, recipient, address, latitude, longitude)
VALUES (:booking_id, CAST(:recipient AS jsonb), CAST(:address AS jsonb), :latitude, :longitude)
""")
_READ = text("""
SELECT recipient, address, latitude, longitude, provider_notes FROM care
WHERE booking_id = CAST(:booking_id AS uuid)
""")
_NOTE = text("""
INSERT INTO care (booking_id, provider_notes) VALUES (:booking_id, :notes)
ON CONFLICT ON CONSTRAINT pk_care DO UPDATE SET provider_notes = excluded.provider_notes
""")


def put_care(connection: Connection, booking_id: str, care: Care) -> None:
    """With the booking that was just made, in its transaction; most have nothing of it."""
    if care == NOTHING:
        return
    address = care.address
    values: dict[str, Any] = {
        "booking_id": booking_id,
        "recipient": json.dumps(asdict(care.recipient)) if care.recipient else None,
        "address": json.dumps({"lines": address.lines, "city": address.city}) if address else None,
        "latitude": address.point.latitude if address else None,
        "longitude": address.point.longitude if address else None,
    }
    connection.execute(_INSERT, values)


def care_of(connection: Connection, booking_id: str) -> Care:
    """What is kept of a booking's care: nothing, of most."""
    row = connection.execute(_READ, {"booking_id": booking_id}).one_or_none()
    if row is None:
        return NOTHING
    recipient = Recipient(**row.recipient) if row.recipient else None
    address = None
    if row.address is not None:
        point = Point(row.latitude, row.longitude)
        address = Address(tuple(row.address["lines"]), row.address["city"], point)
    return Care(recipient, address, row.provider_notes)


def with_provider_notes(
    connection: Connection, booking_ids: Collection[str]
) -> list[tuple[Booking, str | None]]:
    """Each of these bookings that there is, and what its provider has noted."""
    statement = (
        select_bookings()
        .add_columns(care_table.c.provider_notes)
        .outerjoin(care_table, care_table.c.booking_id == table.c.id)
        .where(table.c.id.in_(booking_ids))
    )
    return [(to_booking(row), row.provider_notes) for row in connection.execute(statement)]


def put_provider_notes(connection: Connection, booking_id: str, notes: str | None) -> None:
    """Of a booking that is locked."""
    connection.execute(_NOTE, {"booking_id": booking_id, "notes": notes})
