"""Agreed visits for calendars: one for a file, many for a feed (promise C8, rule B11)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection

from services.booking.domain.states import State
from services.booking.store.visits import (
    Span,
    Visit,
    Workplace,
    find_visit,
    is_done_by,
    visits_at,
    visits_of_customer,
)
from services.booking.usecases.refusals import customer_of
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found

KEPT_BACK = timedelta(days=30)
AHEAD = timedelta(days=400)
PAST_VISITS = 100
COMING_VISITS = 500
"""The last and the next so many bookings, of the own and of those at work: what a calendar shows of a busy
provider for weeks, and a feed stays small enough to be asked for every few minutes."""
SESSIONS = UUID("0f0c2a52-5d0b-4c1c-9a3e-6f1f7c1e4b7d")
"""A session's entry is named after the session within this, so that it is no booking's: there are sessions
that have the id of the booking that opened them."""


def get_visit(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """VisitSchema for its customer, the owner, those of the staff who do it and administrators.

    Raises `not_found` for everybody else.
    """
    with transaction() as connection:
        visit = find_visit(connection, request["booking_id"])
        if visit is None or not _may_read(connection, caller, visit):
            raise not_found()
    return _view(_own(visit))


def list_visits(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """VisitsSchema: the caller's own and those at the workplaces, a session as one.

    Raises `not_found` for a workplace that is not the caller's: of one of the staff only what they do is.
    """
    customer_id = customer_of(caller)
    workplaces = [Workplace(place["provider_id"], place["staff_id"]) for place in request["workplaces"]]
    if not all(_is_workplace_of(caller, place) for place in workplaces):
        raise not_found()
    with transaction() as connection:
        now = read_app_now(connection)
        span = Span(now - KEPT_BACK, now, now + AHEAD, PAST_VISITS, COMING_VISITS)
        entries = [_own(visit) for visit in visits_of_customer(connection, customer_id, span)]
        at_work = visits_at(connection, workplaces, span) if workplaces else []
    booked = {entry.visit_id for entry in entries}
    entries += [entry for entry in _at_work(at_work) if entry.is_session or entry.visit_id not in booked]
    entries.sort(key=lambda entry: (entry.visit.starts_at, entry.visit_id))
    return {"visits": [_view(entry) for entry in entries]}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a calendar; of a session for whoever does it: `seats_taken` customers come."""

    visit_id: str
    visit: Visit
    version: int
    seats_taken: int | None = None

    @property
    def is_session(self) -> bool:
        return self.seats_taken is not None


def _own(visit: Visit) -> _Entry:
    return _Entry(visit.booking_id, visit, visit.version)


def _at_work(visits: Sequence[Visit]) -> Iterator[_Entry]:
    """A booking is an entry, a session is one too."""
    each = {visit.booking_id: visit for visit in visits}  # several workplaces may have it
    sessions: dict[str, list[Visit]] = {}
    for visit in each.values():
        if visit.session_id is None:
            yield _own(visit)
        else:
            sessions.setdefault(visit.session_id, []).append(visit)
    for session_id, seats in sessions.items():
        yield _session(session_id, seats)


def _session(session_id: str, bookings: Sequence[Visit]) -> _Entry:
    """It is cancelled when every seat is. The sum of the versions rises whatever happens to a seat: who left
    for another session is counted on, by the version by which they left."""
    coming = [booking for booking in bookings if booking.state != State.CANCELLED]
    one = (coming or bookings)[0]
    changes = [booking.changed_at for booking in bookings]
    visit = replace(
        one,
        created_at=min(booking.created_at for booking in bookings),
        changed_at=max([*changes, one.left_at] if one.left_at else changes),
    )
    version = one.left_versions + sum(booking.version for booking in bookings)
    return _Entry(str(uuid5(SESSIONS, session_id)), visit, version, len(coming))


def _may_read(connection: Connection, caller: Caller, visit: Visit) -> bool:
    if caller.is_admin or (caller.user_id and caller.user_id == visit.customer_id):
        return True
    post = caller.post_at(visit.provider_id)
    if post is None or post.is_owner:
        return post is not None
    return bool(post.staff_id) and is_done_by(connection, visit.booking_id, post.staff_id)


def _is_workplace_of(caller: Caller, place: Workplace) -> bool:
    post = caller.post_at(place.provider_id)
    return post is not None and post.reaches(place.staff_id)


def _view(entry: _Entry) -> dict[str, Any]:
    """VisitSchema. The local time is the one that was agreed, in the zone of that time (rule T13)."""
    visit = entry.visit
    return {
        "visit_id": entry.visit_id,
        "version": entry.version,
        "state": visit.state,
        "provider_id": visit.provider_id,
        "service_name": dict(visit.service_name),
        "staff_name": dict(visit.staff_name) if visit.staff_name else None,
        "place": visit.place,
        "seats_taken": entry.seats_taken,
        "seats": visit.seats if entry.is_session else None,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "time_zone": visit.time_zone,
        "local_date": visit.local_start.date().isoformat(),
        "local_time": f"{visit.local_start:%H:%M}",
        "utc_offset": visit.utc_offset,
        "created_at": visit.created_at,
        "changed_at": visit.changed_at,
    }
