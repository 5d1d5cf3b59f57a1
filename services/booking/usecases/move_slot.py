"""Takes another time for a booking and leaves the one it had, together or not at all (rule C8)."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.states import Change
from services.booking.store.moves import free_beside, record_move
from services.booking.store.occupancy import ranked
from services.booking.store.sessions import free_seat, session_of_id
from services.booking.usecases.take_slot import Wanted, among, counted_on, counted_on_again, join
from shared.contracts.booking import not_movable, slot_taken
from shared.ids import new_id

Candidate = tuple[Booking, int | None]
"""The booking with those who would do it, and its seat where the visit is shared."""


def locks_of_move(booking: Booking, wanted: Wanted) -> set[str]:
    """What a move takes or leaves: everything that it has and may get, however little that is."""
    new = counted_on(wanted.supply, booking.service_id, wanted.start, None)
    return {*booking.resource_ids, *counted_on_again(booking), *new, *wanted.resource_ids}


def take_instead(
    connection: Connection, before: Booking, moved: Booking, wanted: Wanted, change: Change
) -> Booking:
    """Move to the first who are free: those who have it before others. Raises `slot_taken`, `not_movable`.

    Call it under `locks_of_move` and the booking's own lock, when holds that have ended are out of the way:
    now no other booking may be locked any more. Writing decides.
    """
    for after, seat in _candidates(connection, before, moved, wanted):
        if len(after.resource_ids) != len(before.resource_ids):
            raise not_movable()
        if record_move(connection, before, after, change, seat):
            return after
    raise slot_taken()


def _candidates(
    connection: Connection, before: Booking, moved: Booking, wanted: Wanted
) -> Iterator[Candidate]:
    yield from _seats(connection, before, moved, wanted)
    group = _free_group(connection, before, wanted)
    units = _free_units(connection, before, wanted)
    if group is None or units is None:
        return
    terms = wanted.supply.terms
    groups = [group] if terms.staff_count > 1 else [[staff_id] for staff_id in group]
    for staff_id, *others in groups:
        after = replace(
            moved,
            staff_id=staff_id,
            further_ids=tuple(sorted([*others, *units])),
            ways={one: wanted.ways[one] for one in (staff_id, *others) if one in wanted.ways},
        )
        if terms.capacity > 1:
            yield replace(after, session_id=new_id(), seats=terms.capacity), 1
        else:
            yield after, None


def _seats(connection: Connection, before: Booking, moved: Booking, wanted: Wanted) -> Iterator[Candidate]:
    """Of sessions that have room and are where this visit is."""
    for session in wanted.start.sessions:
        if session.session_id == before.session_id:
            continue
        seat = free_seat(connection, session.session_id, session.capacity)
        opened = None if seat is None else session_of_id(connection, session.session_id)
        if opened is not None and opened.place is moved.place:
            staff_id, *_ = session.staff_ids
            yield join(replace(moved, staff_id=staff_id), opened), seat


def _free_group(connection: Connection, before: Booking, wanted: Wanted) -> list[str] | None:
    """Who is free, as many as do it together or each who could alone: who was asked for first, then whoever
    has it already, then by the order in which people should get work. None: too few."""
    start, count = wanted.start, wanted.supply.terms.staff_count
    free = free_beside(connection, before, start.staff_ids, start.blocked)
    order, choice = list(start.staff_ids), among(wanted.supply, start, before.customer_id)
    if choice is not None:
        order = [one.staff_id for one in ranked(connection, choice, before.created_at)]
    if wanted.asked is not None and wanted.asked not in free:
        return None
    has = before.resource_ids
    order = sorted(
        (staff_id for staff_id in order if staff_id in free),
        key=lambda staff_id: (staff_id != wanted.asked, staff_id not in has),
    )
    if len(order) < count:
        return None
    return order[:count] if count > 1 else order


def _free_units(connection: Connection, before: Booking, wanted: Wanted) -> list[str] | None:
    """Free units for all needs, those that it has before others; None: too few of one."""
    chosen: list[str] = []
    for need in wanted.supply.terms.needs:
        free = free_beside(connection, before, need.unit_ids, wanted.start.blocked)
        units = sorted(free, key=lambda unit_id: (unit_id not in before.further_ids, unit_id))
        if len(units) < need.count:
            return None
        chosen.extend(units[: need.count])
    return chosen
