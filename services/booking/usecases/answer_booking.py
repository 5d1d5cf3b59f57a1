"""What a provider answers who is asked first: it will come, or it will not (promise C9)."""

from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, accept, decline
from services.booking.domain.refunds import refund_in_full
from services.booking.domain.states import Change, Reason
from services.booking.store.bookings import record
from services.booking.store.payments import returned_of
from services.booking.usecases.announcements import announce, secured_event
from services.booking.usecases.endings import record_cancellation
from services.booking.usecases.visit_commands import say_once
from services.booking.usecases.visit_rights import check_owner_or_doer
from shared.contracts.booking import ACCEPT_BOOKING, DECLINE_BOOKING, answer_too_late
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction


def accept_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The visit will take place (BookingSchema), once per key.

    Raises `not_found` unless the caller acts for the provider, `forbidden` for staff who do not do it,
    `booking_state_conflict` unless it waits for an answer, `answer_too_late`.
    """
    return say_once(transaction, ACCEPT_BOOKING, request, caller, Reason.ACCEPTED, _accept)


def decline_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """It will not (BookingSchema), once per key; all that was paid is due back. Raises like
    `accept_booking`."""
    return say_once(transaction, DECLINE_BOOKING, request, caller, Reason.DECLINED, _decline)


def _accept(connection: Connection, booking: Booking, change: Change, caller: Caller) -> Booking:
    check_owner_or_doer(connection, booking, caller)
    after = accept(booking, change)
    _check_in_time(booking, change)
    record(connection, booking, after, change)
    announce(connection, [secured_event(after, change.at)])
    return after


def _decline(connection: Connection, booking: Booking, change: Change, caller: Caller) -> Booking:
    check_owner_or_doer(connection, booking, caller)
    refund = refund_in_full(booking.paid.less(returned_of(connection, booking)))
    after = decline(booking, refund, change)
    _check_in_time(booking, change)
    record_cancellation(connection, booking, after, change)
    return after


def _check_in_time(booking: Booking, change: Change) -> None:
    """Raise `answer_too_late` when the deadline is over, whether or not the sweeper has come by."""
    if not booking.is_held(change.at):
        raise answer_too_late()
