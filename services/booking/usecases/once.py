"""Does a command once by its key, and keeps no note of anybody's with the stored answer."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection

from services.booking.store.care import with_provider_notes
from services.booking.usecases.viewers import notes_for
from shared.contracts.declaration import Caller
from shared.database.idempotency import IdempotentRequest, run_once

Object = dict[str, Any]
NOTES = ("notes", "provider_notes")
"""Members of what is answered about a booking that people have written: they have to be gone when they are
gone from it, and stored answers stay for days."""


def answer_once(
    connection: Connection, request: IdempotentRequest, caller: Caller, work: Callable[[], Object]
) -> Object:
    """`run_once`; a repeat is answered with what was answered, but with the notes that there are now, as far
    as the caller reads them now: the visit may be somebody else's to do by then (promise C10).

    Who receives the care, and where, is in no command's answer.
    """
    answered: list[Object] = []

    def to_be_stored() -> Object:
        answered.append(work())
        kept: Object = _without_notes(answered[0])
        return kept

    stored = run_once(connection, request, to_be_stored)
    return answered[0] if answered else _with_notes(connection, stored, caller)


def _without_notes(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_notes(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_notes(member) for name, member in value.items()}
    return kept | {name: None for name in NOTES if name in kept} if "booking_id" in kept else kept


def _with_notes(connection: Connection, answer: Object, caller: Caller) -> Object:
    views = list(_about_bookings(answer))
    found = with_provider_notes(connection, {view["booking_id"] for view in views})
    notes = {booking.booking_id: notes_for(booking, theirs, caller) for booking, theirs in found}
    for view in views:
        now = notes.get(view["booking_id"], {})
        view.update({name: now.get(name) for name in NOTES if name in view})
    return answer


def _about_bookings(value: Any) -> Iterator[Object]:
    if isinstance(value, list):
        for one in value:
            yield from _about_bookings(one)
    elif isinstance(value, dict):
        if "booking_id" in value:
            yield value
        for member in value.values():
            yield from _about_bookings(member)
