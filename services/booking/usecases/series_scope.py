"""Which visits of a series a change is about, and where the customer wants them (rule T17)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.series import Instance, Scope, Series, concerned
from services.booking.domain.series_moves import CONCERNED, Shift
from services.booking.store.catalogue import zone_of
from services.booking.store.series import bookings_of, instances_of
from services.booking.usecases.refusals import read_time
from shared.contracts.booking_series_moves import nothing_to_move
from shared.errors import invalid_field, not_found


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was booked, and its place in its series."""

    position: int
    booking: Booking


def meant(connection: Connection, series: Series, request: dict[str, Any]) -> list[Instance]:
    """The instances of a SeriesScopeSchema. Raises `validation_failed` when one is meant and not named."""
    scope, position = Scope(request["scope"]), request["position"]
    if (scope is Scope.ALL) != (position is None):
        raise invalid_field("position", "Which visit: of one and of following, not of all.")
    return concerned(instances_of(connection, series.series_id), scope, position)


def visits_to_move(connection: Connection, series: Series, request: dict[str, Any]) -> list[Visit]:
    """Those that are meant and not over, in order of their positions. Raises `nothing_to_move`."""
    # Visits after instances: what an instance names is among them, whoever books or replaces meanwhile.
    instances = meant(connection, series, request)
    bookings = {one.booking_id: one for one in bookings_of(connection, series.series_id)}
    visits = [
        Visit(one.position, bookings[one.booking_id])
        for one in instances
        if one.booking_id is not None and bookings[one.booking_id].state in CONCERNED
    ]
    if not visits:
        raise nothing_to_move()
    return visits


def zone_now(connection: Connection, series: Series) -> str:
    """The zone of its provider, who may have moved since its visits were agreed (rule T13)."""
    found = zone_of(connection, series.provider_id)
    if found is None:
        raise not_found()
    return found


def shift_of(request: dict[str, Any]) -> Shift:
    """What a NewTimesSchema asks for."""
    time = None if request["start_time"] is None else read_time(request, "start_time")
    return Shift(time, request["shift_days"], request["staff_id"])
