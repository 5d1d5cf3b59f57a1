"""Check-in and check-out of the carer: who says that a visit begins or is over may say where they are."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.presence import Moment, Position, Presence, presence
from services.booking.domain.states import Change, State
from services.booking.store.care import care_of
from services.booking.store.presences import presences_of, put_presence
from shared.geo import Point

_MOMENTS = {State.IN_PROGRESS: Moment.CHECK_IN, State.COMPLETED: Moment.CHECK_OUT}
"""What the provider's word that led to this state is."""


def note_presence(
    connection: Connection, after: Booking, change: Change, given: Mapping[str, Any] | None
) -> None:
    """Keep when, and where that was said, with its distance to the address; of other words nothing.

    However far away: it is told, and refuses nothing.
    """
    moment = _MOMENTS.get(after.state)
    if moment is None or change.actor_id is None:
        return
    address = care_of(connection, after.booking_id).address
    noted = presence(moment, change.at, _position(given), address.point if address else None)
    put_presence(connection, after.booking_id, change.actor_id, noted)


def presence_views(connection: Connection, booking_id: str, *, with_position: bool) -> dict[str, Any]:
    """`check_in` and `check_out` as PresenceSchema, or null."""
    found = presences_of(connection, booking_id)
    return {moment.value: _view(found.get(moment), with_position=with_position) for moment in Moment}


def _position(given: Mapping[str, Any] | None) -> Position | None:
    if given is None:
        return None
    return Position(Point(given["latitude"], given["longitude"]), given["accuracy_m"])


def _view(presence: Presence | None, *, with_position: bool) -> dict[str, Any] | None:
    if presence is None:
        return None
    position = presence.position if with_position else None
    return {
        "at": presence.at,
        "distance_m": presence.distance_metres,
        "far": presence.is_far,
        "position": {
            "latitude": position.point.latitude,
            "longitude": position.point.longitude,
            "accuracy_m": position.accuracy_metres,
        }
        if position
        else None,
    }
