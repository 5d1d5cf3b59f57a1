"""Cancels a booking for its customer: the slot is free and the refund is due in the same commit."""

from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import cancel
from services.booking.domain.states import Actor, Change, Reason
from services.booking.store.locks import lock_booking
from services.booking.usecases.endings import record_cancellation
from services.booking.usecases.once import answer_once
from services.booking.usecases.refund_quote import own_booking, refund_due
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.views import booking_view, refund_quote_id, refund_quote_view
from shared.contracts.booking import CANCEL_BOOKING, quote_changed
from shared.contracts.booking_forms import CancelCause, RefundQuoteSchema
from shared.contracts.declaration import Caller, write
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction, read_app_now


def cancel_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Cancel before the start (BookingSchema), once per key.

    With a refund quote exactly its amounts are due. Raises `not_found` for another's booking,
    `booking_state_conflict` when it has started or ended, `quote_changed` with the quote of now.
    """
    customer_of(caller)
    with transaction() as connection:
        key = IdempotentRequest.of(CANCEL_BOOKING, caller, request)
        return answer_once(connection, key, caller, lambda: _cancel(connection, request, caller))


def _cancel(connection: Connection, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    now = read_app_now(connection)
    booking = own_booking(lock_booking(connection, request["booking_id"]), caller)
    change = Change(Actor.CUSTOMER, caller.user_id, Reason.CUSTOMER_CANCELLED, now, request["reason"])
    quote = refund_due(connection, booking, change)
    if request["refund_quote_id"] not in (None, refund_quote_id(quote)):
        raise quote_changed(quote=write(RefundQuoteSchema, refund_quote_view(quote)))
    cancelled = cancel(booking, CancelCause.CUSTOMER.value, quote.refund, change)
    record_cancellation(connection, booking, cancelled, change)
    return booking_view(cancelled)
