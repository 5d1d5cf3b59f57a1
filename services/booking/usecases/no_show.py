"""A visit that its customer missed, by its provider's word; they contest it, an administrator decides."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, contest, miss, overturn
from services.booking.domain.no_shows import CONTESTABLE, Contest, Missed, NotContestableError
from services.booking.domain.refunds import refund_in_full, refund_of_no_show
from services.booking.domain.states import Actor, Change, Reason, State, TransitionRefusedError
from services.booking.domain.visiting import earliest_no_show
from services.booking.store.bookings import record
from services.booking.store.locks import lock_booking
from services.booking.store.payments import returned_of
from services.booking.usecases.announcements import announce, booking_event
from services.booking.usecases.endings import record_cancellation
from services.booking.usecases.endings import record_no_show as record_missed
from services.booking.usecases.once import answer_once
from services.booking.usecases.refund_quote import own_booking
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.viewers import view_for
from services.booking.usecases.visit_rights import check_owner_or_doer, provider_booking
from shared import clock
from shared.contracts.booking_errors import booking_state_conflict, too_early
from shared.contracts.booking_no_show import (
    BOOKING_CONTESTED,
    BOOKING_NO_SHOW_STANDS,
    CONTEST_NO_SHOW,
    DECIDE_NO_SHOW,
    RECORD_NO_SHOW,
    not_contestable,
)
from shared.contracts.declaration import Caller, RpcMethod
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found

Object = dict[str, Any]


def record_no_show(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """The customer was not there (BookingSchema), once per key; by the frozen policy a part goes back.

    Raises `not_found` unless the caller acts for the provider, `forbidden` for staff who do not do it,
    `too_early` before start and grace, `booking_state_conflict` unless it is confirmed.
    """

    def work(connection: Connection) -> Booking:
        now = read_app_now(connection)
        booking = provider_booking(lock_booking(connection, request["booking_id"]), caller)
        check_owner_or_doer(connection, booking, caller)
        change = Change(Actor.PROVIDER, caller.user_id, Reason.NOBODY_CAME, now)
        refund = refund_of_no_show(booking.quote.policy, booking.paid, returned_of(connection, booking))
        missed = miss(booking, refund, now + CONTESTABLE, change)
        if now < earliest_no_show(booking):
            raise too_early(earliest=clock.to_text(earliest_no_show(booking)))
        record_missed(connection, booking, missed, change)
        return missed

    return _once(transaction, RECORD_NO_SHOW, request, caller, work)


def contest_no_show(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """The customer says that they were there (BookingSchema), once per key: the money waits.

    Raises `not_found` for another's booking, `booking_state_conflict` unless it was missed,
    `not_contestable` a day after that was said, or when it was contested before.
    """
    customer_of(caller)

    def work(connection: Connection) -> Booking:
        now = read_app_now(connection)
        booking = own_booking(lock_booking(connection, request["booking_id"]), caller)
        after = contest(booking, _missed(booking).contested(now))
        reason = request["reason"]
        change = Change(Actor.CUSTOMER, caller.user_id, Reason.NO_SHOW_CONTESTED, now, reason)
        record(connection, booking, after, change)
        announce(connection, [booking_event(BOOKING_CONTESTED, after, now)])
        return after

    return _once(transaction, CONTEST_NO_SHOW, request, caller, work)


def decide_no_show(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """An administrator decides a contest (BookingSchema), once per key: it stands, or everything goes back.

    Raises `not_found` for all others, `booking_state_conflict` unless it was missed, `not_contestable` when
    no contest is open.
    """
    if not caller.is_admin:
        raise not_found()
    outcome = Contest(request["outcome"])

    def work(connection: Connection) -> Booking:
        now = read_app_now(connection)
        booking = lock_booking(connection, request["booking_id"])
        if booking is None:
            raise not_found()
        missed = _missed(booking).decided(outcome)
        decide = _let_stand if outcome is Contest.STANDS else _overturn
        reason = Reason.NO_SHOW_STANDS if outcome is Contest.STANDS else Reason.NO_SHOW_OVERTURNED
        return decide(
            connection, booking, missed, Change(Actor.ADMIN, caller.user_id, reason, now, request["reason"])
        )

    return _once(transaction, DECIDE_NO_SHOW, request, caller, work)


def _let_stand(connection: Connection, booking: Booking, missed: Missed, change: Change) -> Booking:
    after = contest(booking, missed)
    record(connection, booking, after, change)
    announce(connection, [booking_event(BOOKING_NO_SHOW_STANDS, after, change.at)])
    return after


def _overturn(connection: Connection, booking: Booking, missed: Missed, change: Change) -> Booking:
    refund = refund_in_full(booking.paid.less(returned_of(connection, booking)))
    after = overturn(booking, missed, refund, change)
    record_cancellation(connection, booking, after, change)
    return after


def _missed(booking: Booking) -> Missed:
    if booking.state is not State.NO_SHOW or booking.missed is None:
        raise booking_state_conflict(state=booking.state.value)
    return booking.missed


def _once(
    transaction: Transaction,
    method: RpcMethod,
    request: Object,
    caller: Caller,
    work: Callable[[Connection], Booking],
) -> Object:
    def answered(connection: Connection) -> Object:
        try:
            return view_for(work(connection), caller)
        except TransitionRefusedError as error:
            raise booking_state_conflict(state=error.current.value) from None
        except NotContestableError:
            raise not_contestable() from None

    with transaction() as connection:
        return answer_once(
            connection, IdempotentRequest.of(method, caller, request), caller, lambda: answered(connection)
        )
