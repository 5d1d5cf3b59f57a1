"""Cancels a booking for its customer: the slot is free and the refund is due in the same commit."""

from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, cancel
from services.booking.domain.refunds import refund_by_notice, refund_in_full
from services.booking.domain.states import Actor, Change, Reason, TransitionRefusedError
from services.booking.store.bookings import record
from services.booking.store.locks import lock_booking
from services.booking.store.offerings import load_calendars
from services.booking.usecases.announcements import announce, booking_event, slot_changed
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.views import booking_view
from shared.contracts.booking import (
    BOOKING_CANCELLED,
    CANCEL_BOOKING,
    CancelCause,
    booking_state_conflict,
)
from shared.contracts.declaration import Caller
from shared.database.idempotency import IdempotentRequest, run_once
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found


def cancel_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Cancel before the start (BookingSchema), once per key.

    Raises `not_found` for another's booking, `booking_state_conflict` when it has started or ended.
    """
    customer_of(caller)
    with transaction() as connection:
        key = IdempotentRequest.of(CANCEL_BOOKING, caller, request)
        return run_once(connection, key, lambda: _cancel(connection, request, caller))


def _cancel(connection: Connection, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    now = read_app_now(connection)
    booking = lock_booking(connection, request["booking_id"])
    if booking is None or booking.customer_id != caller.user_id:
        raise not_found()
    if now >= booking.visit.start:
        raise booking_state_conflict("The visit has begun.", state=booking.state.value)
    change = Change(Actor.CUSTOMER, caller.user_id, Reason.CUSTOMER_CANCELLED, now, request["reason"])
    cancelled = _cancelled(booking, change)
    record(connection, booking, cancelled, change)
    calendars = load_calendars(connection, [booking.provider_id])
    announce(
        connection,
        [
            booking_event(BOOKING_CANCELLED, cancelled, now),
            slot_changed(cancelled, calendars[booking.provider_id], now),
        ],
    )
    return booking_view(cancelled)


def _cancelled(booking: Booking, change: Change) -> Booking:
    """What is due follows the policy that was frozen with the quote (rules B1, B3, B4)."""
    if booking.payment is None:
        refund = refund_in_full(booking.paid)
    else:
        refund = refund_by_notice(booking.quote.policy, booking.paid, booking.visit.start, change.at)
    try:
        return cancel(booking, CancelCause.CUSTOMER.value, refund, change)
    except TransitionRefusedError as error:
        raise booking_state_conflict(state=error.current.value) from None
