"""Customers wait for a time to get free: they join a line, look at it, leave it, decline what is offered."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, cancel
from services.booking.domain.offering import Offering
from services.booking.domain.reasons import check_days
from services.booking.domain.refunds import refund_in_full
from services.booking.domain.rules import StartRefusedError
from services.booking.domain.states import Actor, Change, PendingFor, Reason, State
from services.booking.domain.timetable import Timetable
from services.booking.domain.wished_hours import WishedHours
from services.booking.store.locks import lock_booking, share_supply_and_lock_holders, share_visits
from services.booking.store.records import get_booking
from services.booking.store.supplies import Days, load_bookable
from services.booking.store.waitlist import (
    LEFT,
    OFFERED,
    OVER,
    Entry,
    count_waiting,
    get_entry,
    has_visit,
    join_line,
    leave_line,
    list_of_customer,
    live_offers,
)
from services.booking.store.waitlist_calls import call_lines
from services.booking.usecases.care_wanted import where_to
from services.booking.usecases.endings import record_cancellation
from services.booking.usecases.once import answer_once
from services.booking.usecases.refusals import customer_of, read_day, read_time
from services.booking.usecases.views import booking_view
from shared.contracts.booking_forms import CancelCause
from shared.contracts.booking_waitlist import (
    DECLINE_OFFER,
    JOIN_WAITLIST,
    LEAVE_WAITLIST,
    WaitState,
    already_booked,
    already_waiting,
    day_not_bookable,
    no_offer,
    not_waiting,
    too_many_waiting,
)
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction, read_app_now
from shared.errors import invalid_field, not_found
from shared.ids import new_id

MOST_WAITING = 20
"""Lines that one customer may stand in at once, what is offered and not paid among them: offers are not
counted as holds, so this is their bound (rule C18)."""

_ASKED_WITH_THE_BOOKING = ("staff_id", "place", "notes", "recipient", "address", "allow_overlap")
_OF_OFFERS = {
    State.PENDING: WaitState.OFFERED,
    State.CANCELLED: WaitState.DECLINED,
    State.EXPIRED: WaitState.MISSED,
}


def join_waitlist(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Stand in line for a service on a day (WaitlistEntrySchema), once per key.

    Whoever joins while the time is free is offered it like everybody else. Hours may pass midnight where the
    provider's do. Raises `validation_failed` for others that are turned, `not_found`, `day_not_bookable`,
    `already_booked` where they would be passed by, `already_waiting`, `too_many_waiting`, and, since what is
    offered is held like any other, `place_not_offered` and `address_needed`.
    """
    customer_id = customer_of(caller)
    with transaction() as connection:
        key = IdempotentRequest.of(JOIN_WAITLIST, caller, request)
        return answer_once(connection, key, caller, lambda: _join(connection, request, customer_id))


def list_waitlist(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """WaitlistSchema: the caller's own, newest first. Raises `cursor_invalid`."""
    customer_id, limit = customer_of(caller), request["limit"]
    query = ("list_waitlist", customer_id)
    after = None
    if request["cursor"]:
        instant, entry_id = read_cursor(request["cursor"], query, (datetime, str))
        after = (instant, entry_id)
    with transaction() as connection:
        found = list_of_customer(connection, customer_id, limit + 1, after)
        page = [_view(connection, entry) for entry in found[:limit]]
    behind = (found[limit - 1].created_at, found[limit - 1].entry_id) if len(found) > limit else None
    return {"entries": page, "next": write_cursor(query, behind) if behind else None}


def leave_waitlist(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Wait no more (WaitlistEntrySchema), once per key. Raises `not_found`, `not_waiting`."""

    def leave(connection: Connection) -> dict[str, Any]:
        entry = _own(connection, request, caller)
        if not leave_line(connection, entry.entry_id):
            raise not_waiting()
        return _view(connection, _own(connection, request, caller))

    with transaction() as connection:
        key = IdempotentRequest.of(LEAVE_WAITLIST, caller, request)
        return answer_once(connection, key, caller, lambda: leave(connection))


def decline_offer(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """What was offered is free for the next in line (WaitlistEntrySchema), once per key.

    Raises `not_found`, `no_offer` when there is none, or it is taken or over.
    """
    with transaction() as connection:
        key = IdempotentRequest.of(DECLINE_OFFER, caller, request)
        return answer_once(connection, key, caller, lambda: _decline(connection, request, caller))


def _join(connection: Connection, request: dict[str, Any], customer_id: str) -> dict[str, Any]:
    provider_id, service_id, day = request["provider_id"], request["service_id"], read_day(request, "date")
    # One at a time counts the lines of one customer.
    share_supply_and_lock_holders(connection, provider_id, [customer_id])
    bookable = load_bookable(connection, provider_id, Days(day, day, (service_id,)))
    if bookable is None or request["staff_id"] not in (None, *bookable.offering.staff_ids):
        raise not_found()
    offering = bookable.offering
    where_to(request, offering)
    table = Timetable(offering.supply, offering.now, day, day)
    try:
        check_days(table)
    except StartRefusedError:
        raise day_not_bookable(errors={"date": [day_not_bookable.message]}) from None
    entry = _entry(request, customer_id, day, offering)
    # Who frees them of a visit looks for the lines that they stand in: now, or when this one is written.
    share_visits(connection, customer_id, entry.whole_day)
    if has_visit(connection, entry, table):
        raise already_booked()
    offers = live_offers(connection, customer_id, offering.now)
    if (provider_id, service_id, day) in offers:
        raise already_waiting()
    if count_waiting(connection, customer_id) + len(offers) >= MOST_WAITING:
        raise too_many_waiting(limit=MOST_WAITING)
    if not join_line(connection, entry):
        raise already_waiting()
    # Time that got free in a transaction which has not seen this entry is found by this call.
    call_lines(connection, [(provider_id, [day])], offering.now)
    return _view(connection, entry)


def _entry(request: dict[str, Any], customer_id: str, day: date, offering: Offering) -> Entry:
    hours = WishedHours(
        read_time(request, "from_time", "from") if request["from_time"] else None,
        read_time(request, "to_time", "to") if request["to_time"] else None,
    )
    # Elsewhere it is a slip: nothing of that day would ever be offered, or what nobody wished for.
    if hours.are_turned and not offering.supply.passes_midnight:
        raise invalid_field("to", "The last start comes before the first.")
    return Entry(
        entry_id=new_id(),
        customer_id=customer_id,
        provider_id=offering.provider_id,
        service_id=offering.service_id,
        staff_id=request["staff_id"],
        asks={name: request[name] for name in _ASKED_WITH_THE_BOOKING if request[name] is not None},
        day=day,
        from_time=hours.first,
        to_time=hours.last,
        created_at=offering.now,
    )


def _decline(connection: Connection, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    entry = _own(connection, request, caller)
    booking = lock_booking(connection, entry.booking_id) if entry.booking_id else None
    now = read_app_now(connection)
    if booking is None or booking.state is not State.PENDING or booking.payment or not booking.is_held(now):
        raise no_offer()
    change = Change(Actor.CUSTOMER, caller.user_id, Reason.CUSTOMER_CANCELLED, now)
    declined = cancel(booking, CancelCause.CUSTOMER.value, refund_in_full(booking.paid), change)
    record_cancellation(connection, booking, declined, change)
    return _view(connection, entry)


def _own(connection: Connection, request: dict[str, Any], caller: Caller) -> Entry:
    """The entry if the caller is its customer (rule B11). Raises `not_found`."""
    entry = get_entry(connection, request["waitlist_id"])
    if entry is None or entry.customer_id != customer_of(caller):
        raise not_found()
    return entry


def _view(connection: Connection, entry: Entry) -> dict[str, Any]:
    booking = get_booking(connection, entry.booking_id) if entry.booking_id else None
    return {
        "waitlist_id": entry.entry_id,
        "provider_id": entry.provider_id,
        "service_id": entry.service_id,
        "staff_id": entry.staff_id,
        "date": entry.day.isoformat(),
        "from_time": f"{entry.from_time:%H:%M}" if entry.from_time else None,
        "to_time": f"{entry.to_time:%H:%M}" if entry.to_time else None,
        "state": _state(entry, booking).value,
        "booking": booking_view(booking) if booking else None,
        "created_at": entry.created_at,
    }


def _state(entry: Entry, booking: Booking | None) -> WaitState:
    """An offer is what became of its booking: nothing has to be written twice. One that was paid in time was
    taken."""
    if booking is None or entry.state != OFFERED:
        return {LEFT: WaitState.LEFT, OVER: WaitState.OVER}.get(entry.state, WaitState.WAITING)
    if booking.cancel_cause == CancelCause.LATE_PAYMENT.value:
        return WaitState.MISSED
    paid = booking.payment is not None and booking.pending_for is not PendingFor.PAYMENT
    return WaitState.TAKEN if paid else _OF_OFFERS.get(booking.state, WaitState.TAKEN)
