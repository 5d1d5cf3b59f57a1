"""What a provider says of a visit: it has begun, it took place, it will not (promise C4)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, cancel, start
from services.booking.domain.refunds import refund_in_full
from services.booking.domain.states import Actor, Change, Reason, TransitionRefusedError
from services.booking.domain.visiting import earliest_completion, earliest_start
from services.booking.store.bookings import record
from services.booking.store.locks import lock_booking, lock_holders
from services.booking.store.payments import returned_of
from services.booking.store.records import get_booking
from services.booking.usecases.announcements import announce, booking_event
from services.booking.usecases.check_ins import note_presence
from services.booking.usecases.endings import record_cancellation, record_completion
from services.booking.usecases.once import answer_once
from services.booking.usecases.viewers import view_for
from services.booking.usecases.visit_rights import check_owner, check_owner_or_doer, provider_booking
from shared import clock
from shared.contracts.booking import (
    CANCEL_FOR_PROVIDER,
    COMPLETE_BOOKING,
    START_BOOKING,
    booking_state_conflict,
    too_early,
)
from shared.contracts.booking_events import BOOKING_STARTED
from shared.contracts.booking_forms import CancelCause
from shared.contracts.declaration import Caller, RpcMethod
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction, read_app_now

_UNTIL_A_HOLD_ENDS = (Reason.ACCEPTED,)
"""What is decided by the clock while nothing else is held for the customer, which is where the hold has ended
(rule C19)."""

Move = Callable[[Connection, Booking, Change, Caller], Booking]
"""Writes the change of a locked booking of the caller's provider, tells it, and answers what has become of
the booking. Raises `forbidden` when it is not for this member to say."""


def start_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The visit has begun (BookingSchema), once per key.

    Raises `not_found` unless the caller acts for the provider, `forbidden` for staff who do not do it,
    `too_early` more than half an hour before its start, `booking_state_conflict` unless it is confirmed.
    """
    return say_once(transaction, START_BOOKING, request, caller, Reason.STARTED, _start)


def complete_booking(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The visit took place (BookingSchema), once per key; also when nobody said that it had begun.

    Raises `not_found` unless the caller acts for the provider, `forbidden` for staff who do not do it,
    `too_early` before its start, `booking_state_conflict` unless it is confirmed or in progress.
    """
    return say_once(transaction, COMPLETE_BOOKING, request, caller, Reason.COMPLETED, _complete)


def cancel_for_provider(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The provider will not come (BookingSchema), once per key; all that was paid is due back.

    Also after the start, when nobody came. Raises `not_found` unless the caller acts for the provider,
    `forbidden` unless as its owner, `booking_state_conflict` unless it is pending or confirmed.
    """
    return say_once(transaction, CANCEL_FOR_PROVIDER, request, caller, Reason.PROVIDER_CANCELLED, _cancel)


def say_once(
    transaction: Transaction,
    method: RpcMethod,
    request: dict[str, Any],
    caller: Caller,
    reason: Reason,
    move: Move,
) -> dict[str, Any]:
    """What a provider says of one of its visits (BookingSchema), once per key.

    Raises `not_found` unless the caller acts for the provider, `booking_state_conflict` where there is no
    way.
    """

    def work(connection: Connection) -> dict[str, Any]:
        if reason in _UNTIL_A_HOLD_ENDS:
            seen = get_booking(connection, request["booking_id"])
            lock_holders(connection, [seen.customer_id] if seen else [])
        now = read_app_now(connection)
        booking = provider_booking(lock_booking(connection, request["booking_id"]), caller)
        change = Change(Actor.PROVIDER, caller.user_id, reason, now, request.get("reason"))
        try:
            after = move(connection, booking, change, caller)
            note_presence(connection, after, change, request.get("position"))
            return view_for(after, caller)
        except TransitionRefusedError as error:
            raise booking_state_conflict(state=error.current.value) from None

    with transaction() as connection:
        key = IdempotentRequest.of(method, caller, request)
        return answer_once(connection, key, caller, lambda: work(connection))


def _start(connection: Connection, booking: Booking, change: Change, caller: Caller) -> Booking:
    check_owner_or_doer(connection, booking, caller)
    after = start(booking, change)
    if change.at < earliest_start(booking):
        raise too_early(earliest=clock.to_text(earliest_start(booking)))
    record(connection, booking, after, change)
    announce(connection, [booking_event(BOOKING_STARTED, after, change.at)])
    return after


def _complete(connection: Connection, booking: Booking, change: Change, caller: Caller) -> Booking:
    check_owner_or_doer(connection, booking, caller)
    after = record_completion(connection, booking, change)
    if change.at < earliest_completion(booking):
        raise too_early(earliest=clock.to_text(earliest_completion(booking)))
    return after


def _cancel(connection: Connection, booking: Booking, change: Change, caller: Caller) -> Booking:
    check_owner(booking, caller)
    refund = refund_in_full(booking.paid.less(returned_of(connection, booking)))
    after = cancel(booking, CancelCause.PROVIDER.value, refund, change)
    record_cancellation(connection, booking, after, change)
    return after
