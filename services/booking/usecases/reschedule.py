"""Moves an agreed visit for its customer: it is at the new time, or where it was (promise C6, rules C8 and
B2)."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.moving import Terms, move, terms_of, visit_then, without
from services.booking.domain.occupancy import NOTHING
from services.booking.domain.offering import Offering
from services.booking.domain.reasons import Request, Start, find
from services.booking.domain.rules import StartRefusedError
from services.booking.domain.states import Actor, Change, Reason
from services.booking.domain.travel import ways_at, within_reach
from services.booking.settings import BookingSettings
from services.booking.store.locks import lock_counted, share_supply_and_lock_holders
from services.booking.store.records import get_booking
from services.booking.store.supplies import (
    Bookable,
    Days,
    load_bookable,
    load_counted,
    load_occupied_why,
)
from services.booking.usecases.announcements import announce, move_events
from services.booking.usecases.expiry import lock_and_release_lapsed
from services.booking.usecases.explanations import why_taken
from services.booking.usecases.move_checks import (
    check_movable,
    check_offered,
    check_other,
    check_quote,
)
from services.booking.usecases.move_slot import locks_of_move, take_instead
from services.booking.usecases.once import answer_once
from services.booking.usecases.refund_quote import own_booking
from services.booking.usecases.refusals import (
    NAMES_ALTERNATIVES,
    customer_of,
    read_day,
    read_time,
    to_service_error,
)
from services.booking.usecases.series_holds import is_kept, lock_series_of
from services.booking.usecases.take_slot import Wanted, is_counted, is_shared
from services.booking.usecases.two_places import check_one_place
from services.booking.usecases.views import booking_view
from services.booking.usecases.views_of_moves import reschedule_quote_view
from services.booking.usecases.ways_again import point_of, travel_of
from shared.contracts.booking import (
    RESCHEDULE_BOOKING,
    booking_state_conflict,
    costs_more,
)
from shared.contracts.declaration import Caller
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction
from shared.errors import ServiceError, not_found

TRIES = 3
"""When somebody else has changed the booking between the first look at it and its lock."""

Object = dict[str, Any]


class _ChangedMeanwhileError(Exception):
    """The locks that were taken are those of what the booking was."""


@dataclass(frozen=True, slots=True)
class _Command:
    request: Object
    wanted: Request
    caller: Caller
    settings: BookingSettings

    @property
    def asked(self) -> str | None:
        staff_id: str | None = self.request["staff_id"]
        return staff_id


def get_reschedule_quote(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """What moving it to this time would mean (RescheduleQuoteSchema); changes nothing.

    Raises what `reschedule_booking` raises. Reading is advice (rule C15).
    """
    customer_of(caller)
    wanted = _wanted(request)
    with transaction() as connection:
        booking = own_booking(get_booking(connection, request["booking_id"]), caller)
        found = load_occupied_why(connection, booking.provider_id, _days(wanted, booking))
        if found is None:
            raise not_found()
        offering, travel = found.offering, travel_of(connection, booking, found.offering.supply)
        occupancy = within_reach(without(found.occupancy, booking), offering.supply, travel)
        check_movable(booking, _change(caller, offering, None), is_kept(connection, booking))
        check_offered(offering, booking, request["staff_id"])
        try:
            start = find(offering.supply, wanted, offering.now, request["staff_id"], occupancy)
        except StartRefusedError as error:
            raise to_service_error(error, "date", "time") from None
        check_other(booking, start, request["staff_id"])
        check_one_place(connection, booking, visit_then(start), offering.now, request["allow_overlap"])
        return reschedule_quote_view(booking, start, _terms(booking, start, offering))


def reschedule_booking(
    transaction: Transaction, settings: BookingSettings, request: Object, caller: Caller
) -> Object:
    """Move it (BookingSchema), once per key.

    Raises `not_found` for another's booking, `booking_state_conflict` unless it is agreed and has not begun,
    `too_many_moves`, `not_movable` where it takes another number of people or things by now, `costs_more`
    where a difference is to be paid, `quote_changed`, and what `create_booking` raises for a start.
    """
    customer_of(caller)
    command = _Command(request, _wanted(request), caller, settings)
    for _ in range(TRIES):
        try:
            with transaction() as connection:
                key = IdempotentRequest.of(RESCHEDULE_BOOKING, caller, request)
                return answer_once(connection, key, caller, lambda: _move(connection, command))
        except _ChangedMeanwhileError:
            continue
        except ServiceError as error:
            if not any(code.matches(error) for code in NAMES_ALTERNATIVES):
                raise
            raise _why_taken(transaction, command) from error
    raise booking_state_conflict("The booking is being changed. Try again.")


def _move(connection: Connection, command: _Command) -> Object:
    """Locks in their order: its series, the supply, its customer, all that it has and may get, itself with
    what is in the way and has ended."""
    request, caller = command.request, command.caller
    seen = own_booking(lock_series_of(connection, request["booking_id"]), caller)
    share_supply_and_lock_holders(connection, seen.provider_id, [seen.customer_id])
    bookable = load_bookable(connection, seen.provider_id, _days(command.wanted, seen))
    if bookable is None:
        raise not_found()
    offering = bookable.offering
    check_offered(offering, seen, command.asked)
    wanted = _found_and_locked(connection, command, offering, seen)
    before = _locked(connection, seen, wanted, offering.now)
    change = _change(caller, offering, request["reason"])
    check_movable(before, change, is_kept(connection, before))
    check_other(before, wanted.start, command.asked)
    allowed, is_known = request["allow_overlap"], not is_shared(offering.supply)
    if is_known:
        check_one_place(connection, before, wanted.start.visit, offering.now, allowed)
    terms = _terms(before, wanted.start, offering)
    if terms.more.amount:
        raise costs_more(price_difference=terms.more.to_wire())
    check_quote(request["quote_id"], before, wanted.start, terms)
    moved = move(before, wanted.start, offering.supply.time_zone, terms, change)
    moved = replace(moved, may_overlap=bool(allowed))
    after = take_instead(connection, before, moved, wanted, change)
    if not is_known:
        # It is when the session is that it joins.
        check_one_place(connection, before, after.visit, offering.now, allowed)
    _tell(connection, before, after, terms, bookable, command)
    return booking_view(after)


def _locked(connection: Connection, seen: Booking, wanted: Wanted, now: datetime) -> Booking:
    ids, wants = [seen.booking_id], wanted.resource_ids
    before = lock_and_release_lapsed(connection, ids, wants, wanted.reaching, now).get(seen.booking_id)
    if before is None or before.version != seen.version:
        raise _ChangedMeanwhileError
    return before


def _found_and_locked(connection: Connection, command: _Command, offering: Offering, seen: Booking) -> Wanted:
    """The start that is wanted, by what nobody else counts before this transaction ends."""
    asked, supply, now = command.asked, offering.supply, offering.now
    travel = travel_of(connection, seen, supply)
    counted = is_counted(supply) or travel is not None
    try:
        start = find(supply, command.wanted, now, asked, None if counted else NOTHING)
        wanted = Wanted(start, supply, asked, seen.place)
        lock_counted(connection, locks_of_move(seen, wanted))
        if not counted:
            return wanted
        load = load_counted if travel is None else load_occupied_why
        found = load(connection, offering.provider_id, _days(command.wanted, seen))
        if found is None:
            raise not_found()
        occupancy = within_reach(without(found.occupancy, seen), supply, travel)
        start = find(supply, command.wanted, now, asked, replace(occupancy, busy={}))
        ways = ways_at(occupancy, supply.terms, start.visit.span[0], start.staff_ids, travel)
        return Wanted(start, supply, asked, seen.place, ways)
    except StartRefusedError as error:
        raise to_service_error(error, "booking_date", "start_time") from None


def _tell(
    connection: Connection,
    before: Booking,
    after: Booking,
    terms: Terms,
    bookable: Bookable,
    command: _Command,
) -> None:
    now, done_by = bookable.offering.now, after.visit.end + command.settings.complete_grace
    announce(connection, move_events(before, after, terms.due, done_by, bookable.reach, now))


def _why_taken(transaction: Transaction, command: _Command) -> ServiceError:
    with transaction() as connection:
        booking = own_booking(get_booking(connection, command.request["booking_id"]), command.caller)
        point = point_of(connection, booking)
    ids = {name: getattr(booking, name) for name in ("provider_id", "service_id")}
    asked = ids | {"staff_id": command.asked, "address": asdict(point) if point else None}
    return why_taken(transaction, asked, command.wanted, leave_out=booking)


def _wanted(request: Object) -> Request:
    day, local_time = read_day(request, "booking_date"), read_time(request, "start_time")
    return Request(day, local_time, request["utc_offset"])


def _days(wanted: Request, booking: Booking) -> Days:
    return Days(wanted.day, wanted.day, (booking.service_id,))


def _change(caller: Caller, offering: Offering, reason: str | None) -> Change:
    return Change(Actor.CUSTOMER, caller.user_id, Reason.RESCHEDULED, offering.now, reason)


def _terms(booking: Booking, start: Start, offering: Offering) -> Terms:
    return terms_of(booking, start.start.instant, offering.quote(), offering.now)
