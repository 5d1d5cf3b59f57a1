"""Takes what a visit occupies: a seat of a session, or people, rooms and equipment; all or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, Place
from services.booking.domain.local_time import Interval, local_clock
from services.booking.domain.reasons import Start
from services.booking.domain.states import Change
from services.booking.domain.supply import Supply, Terms
from services.booking.domain.travel import Travel
from services.booking.domain.ways import Way, reaching
from services.booking.store.bookings import insert_held
from services.booking.store.occupancy import Among, Candidate, free_units, ranked
from services.booking.store.sessions import OpenSession, free_seat, session_of_id
from services.booking.usecases.expiry import release_lapsed_in_the_way
from services.booking.usecases.refusals import elsewhere
from shared.contracts.booking import slot_taken
from shared.ids import new_id

TRIES = 3
"""Before and after the release of holds that have ended, and once more when somebody came in between."""


def counted_on(supply: Supply, service_id: str, start: Start, travel: Travel | None) -> list[str]:
    """What has to be locked before this visit may be taken: nothing, when one person does it uncapped, and
    no way to it counts."""
    terms = supply.terms
    names = []
    if terms.capacity > 1:
        names.append(_session_name(service_id, start.start.instant))
    if terms.day_cap or terms.week_cap:
        names.append(f"service {service_id}")
    if travel is not None or terms.staff_count > 1 or terms.needs:
        names.extend(start.staff_ids)
        names.extend(unit_id for need in terms.needs for unit_id in need.unit_ids)
    capped = [worker for worker in supply.workers if worker.day_cap or worker.week_cap]
    names.extend(worker.staff_id for worker in capped if worker.staff_id in start.staff_ids)
    return names


def is_counted(supply: Supply) -> bool:
    """Whether sessions or caps decide about new visits."""
    terms = supply.terms
    limits = [terms.day_cap, terms.week_cap]
    limits.extend(limit for worker in supply.workers for limit in (worker.day_cap, worker.week_cap))
    return terms.capacity > 1 or any(limit is not None for limit in limits)


def is_shared(supply: Supply) -> bool:
    """Whether a visit may join a session, which is as long as its service was when it was opened."""
    return supply.terms.capacity > 1


def counted_on_again(booking: Booking) -> list[str]:
    """What has to be locked before an ended hold's time is taken again; nothing for one person's."""
    several = booking.further_ids or booking.place is Place.CUSTOMER
    names = list(booking.resource_ids) if several else []
    if booking.session_id is not None:
        names.append(_session_name(booking.service_id, booking.visit.start))
    return names


@dataclass(frozen=True, slots=True)
class Wanted:
    """A start that is on offer, by which supply, and the person and the place that were asked for.

    `ways`: of those who may do it, what they need to come to it and to go. `order`: in which they should get
    work, where that is known already.
    """

    start: Start
    supply: Supply
    asked: str | None
    place: Place | None
    ways: Mapping[str, Way] = field(default_factory=dict)
    order: Sequence[Candidate] | None = None

    @property
    def reaching(self) -> Interval:
        """All that the visit may block, whoever does it."""
        return reaching(self.start.blocked, self.ways.values())

    @property
    def resource_ids(self) -> list[str]:
        """Whoever and whatever may be occupied by it."""
        units = [unit_id for need in self.supply.terms.needs for unit_id in need.unit_ids]
        of_sessions = [staff_id for session in self.start.sessions for staff_id in session.staff_ids]
        return [*self.start.staff_ids, *of_sessions, *units]


def among(supply: Supply, start: Start, customer_id: str) -> Among | None:
    """Of whom somebody has to be chosen for this customer; None: there is no choice."""
    if len(start.staff_ids) <= supply.terms.staff_count:
        return None
    day = start.start.local.date()
    of_day = local_clock(supply.time_zone, day, day + timedelta(days=1)).day(day)
    return Among(start.staff_ids, start.blocked, of_day, start.start.instant, customer_id)


def take(connection: Connection, draft: Booking, wanted: Wanted, change: Change) -> Booking:
    """Take the slot for the first who are free (rule C11). Raises `slot_taken`, and `place_not_offered` for
    another place than that of the sessions that have room.

    Writing decides. When all are taken, holds that have ended are released and it is tried again.
    """
    several = wanted.supply.terms.staff_count > 1 or bool(wanted.supply.terms.needs)
    for _ in range(TRIES):
        joined = _join_any(connection, draft, wanted, change)
        if joined is not None:
            return joined
        # The seat of an ended hold comes before a session anew (rule C10).
        if wanted.start.sessions and _release_lapsed(connection, wanted, change):
            continue
        somebody_was_quicker = False
        for booking in _openings(connection, draft, wanted):
            if insert_held(connection, booking, change, 1 if booking.session_id else None):
                return booking
            somebody_was_quicker = several
        if not _release_lapsed(connection, wanted, change) and not somebody_was_quicker:
            break
        wanted = replace(wanted, order=None)
    raise slot_taken()


def join(booking: Booking, session: OpenSession) -> Booking:
    """The same booking with a seat in everything that the session occupies, where it is and for as long."""
    return replace(
        booking,
        place=session.place,
        visit=session.visit,
        blocked=session.blocked,
        further_ids=tuple(sorted(session.resource_ids - {booking.staff_id})),
        session_id=session.session_id,
        seats=session.seats,
    )


def _join_any(connection: Connection, draft: Booking, wanted: Wanted, change: Change) -> Booking | None:
    """One more customer of a session that has room, and is where it was asked for."""
    others: list[Place] = []
    for session in wanted.start.sessions:
        seat = free_seat(connection, session.session_id, session.capacity)
        opened = None if seat is None else session_of_id(connection, session.session_id)
        if opened is None:
            continue
        if wanted.place not in (None, opened.place):
            others.append(opened.place)
            continue
        staff_id, *_ = session.staff_ids
        booking = join(replace(draft, staff_id=staff_id), opened)
        if insert_held(connection, booking, change, seat):
            return booking
    if others:
        raise elsewhere(dict.fromkeys(others))
    return None


def _release_lapsed(connection: Connection, wanted: Wanted, change: Change) -> bool:
    return release_lapsed_in_the_way(connection, wanted.resource_ids, wanted.reaching, change.at)


def _openings(connection: Connection, draft: Booking, wanted: Wanted) -> Iterator[Booking]:
    """New visits that seem possible, by the order in which people should get work."""
    terms = wanted.supply.terms
    units = _units(connection, terms, wanted.start.blocked)
    if units is None:
        return
    free = _free_staff(connection, wanted, draft)
    groups = [free[: terms.staff_count]] if terms.staff_count > 1 else [[staff_id] for staff_id in free]
    for group in groups:
        if len(group) < terms.staff_count:
            return
        booking = replace(
            draft,
            staff_id=group[0],
            further_ids=tuple(sorted([*group[1:], *units])),
            ways={staff_id: wanted.ways[staff_id] for staff_id in group if staff_id in wanted.ways},
        )
        if terms.capacity > 1:
            booking = replace(booking, session_id=new_id(), seats=terms.capacity)
        yield booking


def _free_staff(connection: Connection, wanted: Wanted, draft: Booking) -> list[str]:
    """Who was asked for comes first, or nobody."""
    choice = among(wanted.supply, wanted.start, draft.customer_id)
    if choice is None:
        return list(wanted.start.staff_ids)
    order = ranked(connection, choice, draft.created_at) if wanted.order is None else wanted.order
    free = [candidate.staff_id for candidate in order if candidate.is_free]
    if wanted.asked is not None and wanted.asked not in free:
        return []
    return sorted(free, key=lambda staff_id: staff_id != wanted.asked)


def _units(connection: Connection, terms: Terms, blocked: Interval) -> list[str] | None:
    """Free units for all needs; None: too few of one."""
    chosen: list[str] = []
    for need in terms.needs:
        free = free_units(connection, need.unit_ids, blocked)
        units = [unit_id for unit_id in need.unit_ids if unit_id in free]
        if len(units) < need.count:
            return None
        chosen.extend(units[: need.count])
    return chosen


def _session_name(service_id: str, start: datetime) -> str:
    return f"session {service_id} {start.isoformat()}"
