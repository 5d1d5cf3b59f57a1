"""Shows what cancelling gives back; cancelling asks the same again and compares (promise C6, rule B3)."""

from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.refund_quotes import RefundQuote, quote_refund
from services.booking.domain.states import (
    Actor,
    Change,
    Reason,
    State,
    TransitionRefusedError,
    check_transition,
)
from services.booking.store.payments import returned_of
from services.booking.store.records import get_booking
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.views import refund_quote_view
from shared.contracts.booking import booking_state_conflict
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found


def get_refund_quote(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """What cancelling now would give back (RefundQuoteSchema); changes nothing.

    Raises `not_found` for another's booking, `booking_state_conflict` when it can't be cancelled.
    """
    customer_of(caller)
    with transaction() as connection:
        now = read_app_now(connection)
        booking = own_booking(get_booking(connection, request["booking_id"]), caller)
        change = Change(Actor.CUSTOMER, caller.user_id, Reason.CUSTOMER_CANCELLED, now)
        return refund_quote_view(refund_due(connection, booking, change))


def own_booking(booking: Booking | None, caller: Caller) -> Booking:
    """The booking if the caller is its customer (rule B11). Raises `not_found`."""
    if booking is None or booking.customer_id != caller.user_id:
        raise not_found()
    return booking


def refund_due(connection: Connection, booking: Booking, change: Change) -> RefundQuote:
    """What a customer's cancellation gives back, by the policy that was frozen (rules B1, B3, B4).

    Raises `booking_state_conflict` when the visit has begun, or there is nothing to cancel.
    """
    if change.at >= booking.visit.start:
        raise booking_state_conflict("The visit has begun.", state=booking.state.value)
    try:
        check_transition(booking.state, State.CANCELLED, change)
    except TransitionRefusedError as error:
        raise booking_state_conflict(state=error.current.value) from None
    return quote_refund(booking, returned_of(connection, booking), change.at)
