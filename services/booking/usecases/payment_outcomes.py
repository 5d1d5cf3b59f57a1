"""What becomes of a booking when payment reports a fact. Money is never lost: confirmed, or due back."""

import logging
from datetime import datetime

from sqlalchemy import Connection

from services.booking.domain.booking import (
    Booking,
    Payment,
    change_hold,
    confirm,
    note_payment_after_cancellation,
)
from services.booking.domain.holds import Hold, payment_in_work
from services.booking.domain.moving import given_up_for, gives_way
from services.booking.domain.refunds import Paid, refund_in_full
from services.booking.domain.states import Actor, Change, Reason, State
from services.booking.store.bookings import record
from services.booking.store.payments import note_payment, note_refund
from services.booking.usecases.announcements import announce, booking_event, secured_event
from services.booking.usecases.late_money import (
    EndedMeanwhileError,
    confirm_late,
    is_offered,
    lock_to_confirm,
    lock_what_it_rests_on,
    return_late,
)
from services.booking.usecases.replacing import give_up, lock_replaced
from services.booking.usecases.series_holds import (
    end_work_alike,
    hold_alike,
    keep_series,
    lock_series_of,
    lock_to_prolong,
    lock_with_series,
)
from services.booking.usecases.two_places import is_elsewhere
from shared import logs
from shared.contracts.booking_events import BOOKING_CANCELLED
from shared.database.transaction import Transaction, read_app_now, when_committed
from shared.messages.envelope import Event
from shared.messages.inbox import first_time
from shared.money import Money
from shared.telemetry import metrics

log = logging.getLogger(__name__)


class UnknownBookingError(Exception):
    """A payment names a booking that is not here: tried again, then parked for an operator."""


def apply_payment_succeeded(transaction: Transaction, event: Event) -> None:
    """The money is secured: confirm, or ask its provider; also late when the slot is still free, else it
    is due back.

    A booking that was cancelled before the money came gets a second `booking_cancelled` of a
    higher version, with 100 % of what was paid, so that payment refunds it like any other.
    """
    try:
        _apply_success(transaction, event)
    except EndedMeanwhileError:
        _apply_success(transaction, event)


def _apply_success(transaction: Transaction, event: Event) -> None:
    with transaction() as connection:
        if not first_time(connection, event.id, "booking.payment_succeeded") or _is_tip(event):
            return
        note_payment(connection, event)
        payment, (booking, now) = _payment(event), _locked_to_confirm(connection, event)
        replaced = lock_replaced(connection, booking)
        if _has_nothing_to_replace(booking, replaced, now):
            return_late(connection, booking, payment, Reason.NOT_REPLACED, now)
            return
        agreed = booking
        if replaced is not None and gives_way(replaced, booking, now):
            agreed = given_up_for(replaced, booking, now)
        if _secures(connection, booking, agreed, payment, now):
            keep_series(connection, agreed, now)
            if replaced is not None:
                give_up(connection, replaced, booking, now)


def apply_payment_processing(transaction: Transaction, event: Event) -> None:
    """A payment is in work: its slot is kept until the outcome, an hour at most."""
    with transaction() as connection:
        if not first_time(connection, event.id, "booking.payment_processing") or _is_tip(event):
            return
        if not note_payment(connection, event):
            return
        found, now = lock_to_prolong(connection, event.data["booking_id"])
        booking = _known(lock_with_series(connection, found), event)
        if booking.hold is not None and booking.is_held(now) and not booking.awaits_answer:
            change = Change(Actor.PAYMENT, None, Reason.PAYMENT_PROCESSING, now)
            _change_hold(connection, booking, payment_in_work(booking.hold, now), change)


def apply_payment_ended(transaction: Transaction, event: Event) -> None:
    """A payment failed or was cancelled: the hold goes on as it was, and ends when it would have.

    Unless the next payment is in work already: its report may come before that of the one it replaced. Or
    that of another visit of its series, which has the same hold. Where the visit was cancelled meanwhile, the
    holds of those others end as they would have.
    """
    with transaction() as connection:
        if not first_time(connection, event.id, f"booking.{event.type.name}") or _is_tip(event):
            return
        if not note_payment(connection, event):
            return
        booking, now = _locked(connection, event), read_app_now(connection)
        end_work_alike(connection, booking, Change(Actor.PAYMENT, None, Reason.PAYMENT_ENDED, now))


def apply_payment_refunded(transaction: Transaction, event: Event) -> None:
    """Money was given back: it counts towards what is due when the booking is cancelled."""
    with transaction() as connection:
        if not first_time(connection, event.id, "booking.payment_refunded") or _is_tip(event):
            return
        note_payment(connection, event)
        _locked(connection, event)
        note_refund(connection, event)


def _change_hold(connection: Connection, booking: Booking, hold: Hold, change: Change) -> None:
    after = change_hold(booking, hold)
    record(connection, booking, after, change)
    hold_alike(connection, after, change)


def _secures(
    connection: Connection, booking: Booking, agreed: Booking, payment: Payment, now: datetime
) -> bool:
    """Whether the visit is secured by this, as it is `agreed` then; False: it was before, or the money is due
    back."""
    if booking.state is State.PENDING and not booking.awaits_answer:
        if _is_gone(connection, booking, now):
            return_late(connection, booking, payment, Reason.PAID_LATE, now)
            return False
        _confirm(connection, booking, agreed, payment, now)
        return True
    if booking.state is State.EXPIRED:
        return confirm_late(connection, booking, agreed, payment, now)
    if booking.payment is None or booking.payment.payment_id != payment.payment_id:
        _paid_beside(connection, booking, payment, now)
    return False


def _is_gone(connection: Connection, booking: Booking, now: datetime) -> bool:
    """Whether a pending visit can't take place. One that is kept while its payment is in work may have begun;
    one whose hold has ended, swept or not, was kept from nothing else, and changes of hours passed it by."""
    if now >= booking.visit.start:
        return True
    if booking.is_held(now):
        return False
    return is_elsewhere(connection, booking, now) or not is_offered(connection, booking, now)


def _confirm(
    connection: Connection, booking: Booking, agreed: Booking, payment: Payment, now: datetime
) -> None:
    change = Change(Actor.PAYMENT, None, Reason.PAID, now)
    confirmed = confirm(agreed, payment, change)
    record(connection, booking, confirmed, change)
    announce(connection, [secured_event(confirmed, now)])


def _paid_beside(connection: Connection, booking: Booking, payment: Payment, now: datetime) -> None:
    """Money for a booking that waits for none."""
    if booking.state is not State.CANCELLED:
        logs.event(log, logging.ERROR, "booking_paid_twice", booking_id=booking.booking_id)
        when_committed(connection, metrics.bookings_paid_twice.inc)
        return
    change = Change(Actor.PAYMENT, None, Reason.PAID_AFTER_CANCELLATION, now)
    noted = note_payment_after_cancellation(booking, payment, refund_in_full(payment.paid))
    record(connection, booking, noted, change)
    announce(connection, [booking_event(BOOKING_CANCELLED, noted, now)])
    end_work_alike(connection, noted, Change(Actor.PAYMENT, None, Reason.PAYMENT_ENDED, now))


def _has_nothing_to_replace(booking: Booking, replaced: Booking | None, now: datetime) -> bool:
    if booking.replaces_id is None or booking.state not in (State.PENDING, State.EXPIRED):
        return False
    return not gives_way(replaced, booking, now)


def _locked_to_confirm(connection: Connection, event: Event) -> tuple[Booking, datetime]:
    found = lock_series_of(connection, event.data["booking_id"])
    if found is not None and found.state in (State.PENDING, State.EXPIRED):
        now = lock_what_it_rests_on(connection, found)
        return _known(lock_to_confirm(connection, found, now), event), now
    now = read_app_now(connection)
    return _known(lock_with_series(connection, found), event), now


def _locked(connection: Connection, event: Event) -> Booking:
    return _known(lock_with_series(connection, lock_series_of(connection, event.data["booking_id"])), event)


def _known(booking: Booking | None, event: Event) -> Booking:
    if booking is None:
        raise UnknownBookingError(event.data["booking_id"])
    return booking


def _is_tip(event: Event) -> bool:
    """A tip after the visit pays for no booking."""
    return bool(event.data.get("kind") == "tip")


def _payment(event: Event) -> Payment:
    paid = Paid(Money.from_wire(event.data["service_amount"]), Money.from_wire(event.data["tip_amount"]))
    return Payment(event.data["payment_id"], paid)
