"""Holds a slot for a customer: the one way in which a booking comes to be."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.holds import new_hold
from services.booking.domain.local_time import Interval, LocalInstant
from services.booking.domain.offering import Offering
from services.booking.domain.slots import Offer, Refusal, Request, StartRefusedError
from services.booking.domain.states import Actor, Change, PendingFor, Reason, State
from services.booking.settings import BookingSettings
from services.booking.store.bookings import insert_held
from services.booking.store.locks import lock_holders
from services.booking.store.occupancy import count_live_holds, least_busy_first
from services.booking.store.offerings import load_offering
from services.booking.usecases.announcements import announce, booking_event, slot_changed
from services.booking.usecases.availability import next_free_slots, staff_asked_for
from services.booking.usecases.expiry import release_lapsed_in_the_way
from services.booking.usecases.refusals import customer_of, read_day, read_time, to_service_error
from services.booking.usecases.views import booking_view
from shared.contracts.booking import BOOKING_HELD, CREATE_BOOKING, slot_taken, too_many_holds
from shared.contracts.declaration import Caller
from shared.database.idempotency import IdempotentRequest, run_once
from shared.database.transaction import Transaction
from shared.errors import ServiceError, not_found
from shared.ids import new_id
from shared.telemetry import metrics

TRIES = 2
"""Before and after the release of holds that have ended."""
AROUND = timedelta(hours=12)
"""'Anyone' is whoever has least to do around the visit."""


@dataclass(frozen=True, slots=True)
class _Command:
    """One request to hold a slot: what, for whom, by which rules."""

    request: dict[str, Any]
    wanted: Request
    customer_id: str
    held_from: str | None
    settings: BookingSettings


def create_booking(
    transaction: Transaction, settings: BookingSettings, request: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """Hold a slot (BookingSchema), once per key (rule C13).

    Raises `not_found`, `past_date`, `beyond_window`, `time_does_not_exist`, `closed`,
    `too_many_holds`, and `slot_taken` with the next free slots in `details.alternatives`.
    """
    wanted = Request(
        read_day(request, "booking_date"), read_time(request, "start_time"), request["utc_offset"]
    )
    held_from = address_digest(caller.client_address, settings.address_key)
    command = _Command(request, wanted, customer_of(caller), held_from, settings)
    try:
        with transaction() as connection:
            key = IdempotentRequest.of(CREATE_BOOKING, caller, request)
            return run_once(connection, key, lambda: _hold(connection, command))
    except ServiceError as error:
        if not slot_taken.matches(error):
            raise
        metrics.slots_refused.inc()
        alternatives = next_free_slots(transaction, request, wanted)
        raise slot_taken(alternatives=alternatives) from error


def address_digest(address: str, key: bytes) -> str | None:
    """What counts the holds of one address while they last; without the key nobody finds the address."""
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:32] if address else None


def _hold(connection: Connection, command: _Command) -> dict[str, Any]:
    request, wanted = command.request, command.wanted
    offering = load_offering(
        connection, request["provider_id"], request["service_id"], wanted.day, wanted.day
    )
    if offering is None:
        raise not_found()
    offer = Offer(offering.calendar, offering.duration, offering.now, wanted.day, wanted.day)
    staff_ids = staff_asked_for(offering, request["staff_id"])
    try:
        start = offer.find(wanted)
        candidates = _working(offer, start, staff_ids)
    except StartRefusedError as error:
        raise to_service_error(error, "booking_date", "start_time") from None
    _check_bounds(connection, command, offering.now)
    change = Change(Actor.CUSTOMER, command.customer_id, Reason.HELD, offering.now)
    draft = _draft(command, offering, start, offer.visit(start))
    booking = _take(connection, draft, candidates, change)
    announce(
        connection,
        [
            booking_event(BOOKING_HELD, booking, offering.now),
            slot_changed(booking, offering.calendar, offering.now),
        ],
    )
    return booking_view(booking)


def _working(offer: Offer, start: LocalInstant, staff_ids: Sequence[str]) -> list[str]:
    working = offer.staff_at(offer.visit(start), staff_ids)
    if not working:
        raise StartRefusedError(Refusal.TIME_OFF)
    return working


def _check_bounds(connection: Connection, command: _Command, now: datetime) -> None:
    """Bound the slots that one customer, or one address, holds unpaid (rule C18)."""
    settings, held_from = command.settings, command.held_from
    lock_holders(connection, [holder for holder in (command.customer_id, held_from) if holder])
    live = count_live_holds(connection, command.customer_id, held_from, now)
    if live.of_customer >= settings.holds_per_customer:
        raise too_many_holds(limit=settings.holds_per_customer)
    if live.of_address >= settings.holds_per_address:
        raise too_many_holds(limit=settings.holds_per_address)


def _draft(command: _Command, offering: Offering, start: LocalInstant, visit: Interval) -> Booking:
    """The booking as it will be, whoever does it: the staff is chosen when the slot is taken."""
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
        visit=visit,
        blocked=offering.calendar.blocked_by(visit),
        time_zone=offering.calendar.time_zone,
        start=start,
        quote=offering.quote(),
        created_at=offering.now,
        notes=command.request["notes"],
        hold=new_hold(offering.now, command.settings.hold_seconds, visit.start),
        held_from=command.held_from,
    )


def _take(connection: Connection, draft: Booking, candidates: list[str], change: Change) -> Booking:
    """Take the slot for the first of the candidates who is free (rule C11). Raises `slot_taken`.

    Writing decides. When all are taken, holds that have ended are released and it is tried again.
    """
    if len(candidates) > 1:
        candidates = least_busy_first(connection, candidates, draft.blocked.widened(AROUND, AROUND))
    for _ in range(TRIES):
        for staff_id in candidates:
            booking = replace(draft, staff_id=staff_id)
            if insert_held(connection, booking, change):
                return booking
        if not release_lapsed_in_the_way(connection, candidates, draft.blocked, change.at):
            break
    raise slot_taken()
