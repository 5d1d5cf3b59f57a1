"""Writes and reads when the carer of a visit came and went, and where they were then."""

from datetime import UTC

from sqlalchemy import Connection, insert, select

from services.booking.domain.presence import Moment, Position, Presence
from services.booking.store.tables import presence as table
from shared.geo import Point


def put_presence(connection: Connection, booking_id: str, actor_id: str, presence: Presence) -> None:
    """Once for each moment: of a booking that is locked and has just changed its state."""
    position = presence.position
    values = {
        "booking_id": booking_id,
        "moment": presence.moment.value,
        "at": presence.at,
        "actor_id": actor_id,
        "latitude": position.point.latitude if position else None,
        "longitude": position.point.longitude if position else None,
        "accuracy_metres": position.accuracy_metres if position else None,
        "distance_metres": presence.distance_metres,
    }
    connection.execute(insert(table).values(values))


def presences_of(connection: Connection, booking_id: str) -> dict[Moment, Presence]:
    """What was said of a booking's visit, by moment."""
    found = {}
    for row in connection.execute(select(table).where(table.c.booking_id == booking_id)):
        position = None
        if row.latitude is not None:
            position = Position(Point(row.latitude, row.longitude), row.accuracy_metres)
        moment = Moment(row.moment)
        found[moment] = Presence(moment, row.at.astimezone(UTC), position, row.distance_metres)
    return found
