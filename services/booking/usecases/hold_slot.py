"""Holds a slot for a customer: the one way in which a booking comes to be."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, Place
from services.booking.domain.care import whereabouts
from services.booking.domain.holds import Hold, new_hold
from services.booking.domain.occupancy import NOTHING
from services.booking.domain.offering import Offering
from services.booking.domain.reasons import Request, Start, find
from services.booking.domain.rules import StartRefusedError
from services.booking.domain.states import Actor, Change, PendingFor, Reason, State
from services.booking.domain.travel import Travel, ways_at, within_reach
from services.booking.domain.ways import Way
from services.booking.settings import BookingSettings
from services.booking.store.care import put_care
from services.booking.store.locks import lock_counted, share_supply_and_lock_holders
from services.booking.store.occupancy import LiveHolds, count_live_holds
from services.booking.store.supplies import Days, load_bookable, load_counted, load_occupied_why
from services.booking.usecases.announcements import announce, booking_event, slot_changed
from services.booking.usecases.care_wanted import WhereTo, where_to
from services.booking.usecases.explanations import why_taken
from services.booking.usecases.once import answer_once
from services.booking.usecases.refusals import (
    NAMES_ALTERNATIVES,
    customer_of,
    read_day,
    read_time,
    to_service_error,
)
from services.booking.usecases.replacing import MEMBER, draft_in_place
from services.booking.usecases.take_slot import Wanted, among, counted_on, is_counted, is_shared, take
from services.booking.usecases.two_places import check_one_place
from services.booking.usecases.views import booking_view
from shared.contracts.booking import CREATE_BOOKING, customer_in_two_places, too_many_holds
from shared.contracts.booking_events import BOOKING_HELD
from shared.contracts.declaration import Caller
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction
from shared.errors import Category, ServiceError, not_found
from shared.ids import new_id
from shared.telemetry import metrics


def is_final(error: ServiceError) -> bool:
    """Whether asking again for the same changes nothing: the slot can't be had."""
    return error.category in (Category.NOT_FOUND, Category.CONFLICT, Category.INVALID)


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a slot is held, and the digest of the address from which it was asked for."""

    customer_id: str
    held_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A hold that is part of something larger: a visit of a series, kept as long as the series says, an offer
    to somebody who waits, which is not held against them, or what an agreed visit is given up for."""

    series_id: str | None = None
    waitlist_id: str | None = None
    replaces_id: str | None = None
    hold: Callable[[datetime, datetime], Hold] | None = None
    """From now and the start of the visit."""


@dataclass(frozen=True, slots=True)
class _Command:
    """One request to hold a slot: what, for whom, by which rules."""

    request: dict[str, Any]
    wanted: Request
    customer_id: str
    held_from: str | None
    settings: BookingSettings
    part: Part = Part()


def create_booking(
    transaction: Transaction, settings: BookingSettings, request: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """Hold a slot (BookingSchema), once per key (rule C13).

    In place of an agreed visit it raises what moving that one does. Raises `not_found`, `too_many_holds`,
    `customer_in_two_places`, `place_not_offered`, a code of its own for every rule that removes the start,
    and `slot_taken` or its kin with the next free slots in `details.alternatives`.
    """
    wanted = Request(
        read_day(request, "booking_date"), read_time(request, "start_time"), request["utc_offset"]
    )
    held_from = address_digest(caller.client_address, settings.address_key)
    part = Part(replaces_id=request[MEMBER])
    command = _Command(request, wanted, customer_of(caller), held_from, settings, part)
    try:
        with transaction() as connection:
            key = IdempotentRequest.of(CREATE_BOOKING, caller, request)
            return answer_once(connection, key, caller, lambda: _hold(connection, command))
    except ServiceError as error:
        if not any(code.matches(error) for code in NAMES_ALTERNATIVES):
            raise
        metrics.slots_refused.inc()
        raise why_taken(transaction, request, wanted) from error


def hold_part(
    connection: Connection, settings: BookingSettings, request: dict[str, Any], holder: Holder, part: Part
) -> dict[str, Any]:
    """Hold a slot (BookingSchema) as a part of something larger: the same way in, the same refusals."""
    wanted = Request(
        read_day(request, "booking_date"), read_time(request, "start_time"), request["utc_offset"]
    )
    command = _Command(request, wanted, holder.customer_id, holder.held_from, settings, part)
    return _hold(connection, command)


def address_digest(address: str, key: bytes) -> str | None:
    """What counts the holds of one address while they last; without the key nobody finds the address."""
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:32] if address else None


def _hold(connection: Connection, command: _Command) -> dict[str, Any]:
    request, day = command.request, command.wanted.day
    days = Days(day, day, (request["service_id"],))
    holders = [holder for holder in (command.customer_id, command.held_from) if holder]
    share_supply_and_lock_holders(connection, request["provider_id"], holders)
    bookable = load_bookable(connection, request["provider_id"], days)
    if bookable is None:
        raise not_found()
    offering = bookable.offering
    asked = request["staff_id"]
    if asked is not None and asked not in offering.staff_ids:
        raise not_found()
    to = where_to(request, offering)
    try:
        wanted = _find(connection, command, offering, to)
    except StartRefusedError as error:
        raise to_service_error(error, "booking_date", "start_time") from None
    change = Change(Actor.CUSTOMER, command.customer_id, Reason.HELD, offering.now)
    draft = _draft(command, offering, wanted.start, to.place)
    draft = draft_in_place(connection, command.part.replaces_id, draft, to.care, change)
    booking = take(connection, draft, wanted, change)
    put_care(connection, booking.booking_id, to.care)
    if is_shared(offering.supply):
        # It is when the session is that it joins, which is known only now.
        check_one_place(connection, booking, booking.visit, offering.now, request["allow_overlap"])
    announce(
        connection,
        [
            booking_event(BOOKING_HELD, booking, offering.now),
            slot_changed(booking, bookable.reach, offering.now),
        ],
    )
    return booking_view(booking)


def _find(connection: Connection, command: _Command, offering: Offering, to: WhereTo) -> Wanted:
    """The start under all locks that it needs, and who needs how much time to come and to go."""
    supply, asked, travel = offering.supply, command.request["staff_id"], to.travel
    counted = is_counted(supply) or travel is not None
    start = find(supply, command.wanted, offering.now, asked, None if counted else NOTHING)
    besides = command.part.replaces_id
    there = whereabouts(command.customer_id, to.care.recipient, start.visit, besides)
    locked = counted_on(supply, offering.service_id, start, travel)
    # Under locks the order is what it is when they are held.
    choice = None if counted or locked else among(supply, start, command.customer_id)
    series_id, held_from = command.part.series_id, command.held_from
    live = count_live_holds(connection, there, held_from, offering.now, series_id=series_id, among=choice)
    _check_bounds(command, live)
    if live.visit_then is not None and not command.request["allow_overlap"] and not is_shared(supply):
        raise customer_in_two_places(booking_id=live.visit_then)
    lock_counted(connection, locked)
    ways: Mapping[str, Way] = {}
    if counted:
        start, ways = _find_counted(connection, command, offering, travel)
    # What takes the place of an agreed visit joins no session elsewhere, wherever it may be by the request.
    place = to.asked if besides is None else to.place
    return Wanted(start, supply, asked, place, ways, live.order)


def _find_counted(
    connection: Connection, command: _Command, offering: Offering, travel: Travel | None
) -> tuple[Start, Mapping[str, Way]]:
    """Again, under the locks: which sessions have room, who has reached a cap (rule C10), who is too far.

    Who is busy is not looked at: writing decides.
    """
    day, load = command.wanted.day, load_counted if travel is None else load_occupied_why
    counted = load(connection, offering.provider_id, Days(day, day, (offering.service_id,)))
    if counted is None:
        raise not_found()
    occupancy = within_reach(counted.occupancy, offering.supply, travel)
    asked, free = command.request["staff_id"], replace(occupancy, busy={})
    start = find(offering.supply, command.wanted, offering.now, asked, free)
    begins, _ = start.visit.span
    return start, ways_at(occupancy, offering.supply.terms, begins, start.staff_ids, travel)


def _check_bounds(command: _Command, live: LiveHolds) -> None:
    """Bound the slots that one customer, or one address, holds unpaid (rule C18)."""
    settings = command.settings
    if command.part.waitlist_id is None:
        if live.of_customer >= settings.holds_per_customer:
            raise too_many_holds(limit=settings.holds_per_customer)
        if live.of_address >= settings.holds_per_address:
            raise too_many_holds(limit=settings.holds_per_address)


def _draft(command: _Command, offering: Offering, start: Start, place: Place) -> Booking:
    """The booking as it will be, whoever does it: the staff is chosen when the slot is taken."""
    now, starts_at, ask = offering.now, start.visit.start, command.part.hold
    hold = ask(now, starts_at) if ask else new_hold(now, command.settings.hold_seconds, starts_at)
    return Booking(
        booking_id=new_id(),
        version=1,
        state=State.PENDING,
        pending_for=PendingFor.PAYMENT,
        customer_id=command.customer_id,
        provider_id=offering.provider_id,
        service_id=offering.service_id,
        staff_id="",
        service_name=offering.service_name,
        visit=start.visit,
        blocked=start.blocked,
        time_zone=offering.supply.time_zone,
        start=start.start,
        quote=offering.quote(),
        created_at=offering.now,
        notes=command.request["notes"],
        place=place,
        series_id=command.part.series_id,
        waitlist_id=command.part.waitlist_id,
        hold=hold,
        held_from=command.held_from,
        answer_hours=offering.answer_hours,
        may_overlap=bool(command.request["allow_overlap"]),
    )
