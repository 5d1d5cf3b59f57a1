"""An agreed visit gives way to one that costs more: once that is paid, in the same commit (promise C6)."""

from datetime import datetime

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, cancel
from services.booking.domain.care import Care
from services.booking.domain.moving import are_comparable, costs_more, gives_way, in_place_of
from services.booking.domain.refunds import refund_in_full
from services.booking.domain.states import Actor, Change, Reason
from services.booking.store.care import care_of
from services.booking.store.locks import lock_booking
from services.booking.store.payments import returned_of
from services.booking.store.records import get_booking
from services.booking.store.series import put_in_place
from services.booking.usecases.endings import record_cancellation
from services.booking.usecases.move_checks import check_movable
from shared.contracts.booking import booking_state_conflict
from shared.contracts.booking_forms import CancelCause
from shared.errors import invalid_field, not_found

MEMBER = "replaces_booking_id"


def draft_in_place(
    connection: Connection, replaced_id: str | None, draft: Booking, care: Care, change: Change
) -> Booking:
    """The draft, for which a visit of the same customer, service, place and recipient is to be given up, when
    one is named: its provider has agreed to these, and is not asked again.

    Raises `not_found`, `too_many_moves`, `booking_state_conflict`, `validation_failed`.
    """
    if replaced_id is None:
        return draft
    replaced = get_booking(connection, replaced_id)
    if replaced is None or replaced.customer_id != draft.customer_id:
        raise not_found()
    if (replaced.provider_id, replaced.service_id) != (draft.provider_id, draft.service_id):
        raise invalid_field(MEMBER, "It is a visit of another service.")
    given = care_of(connection, replaced_id)
    if (replaced.place, given.recipient, given.address) != (draft.place, care.recipient, care.address):
        raise invalid_field(MEMBER, "It is a visit at another place or for somebody else.")
    check_movable(replaced, change)
    if not are_comparable(replaced, draft):
        raise invalid_field(MEMBER, "It has a price in another currency: move that one.")
    if not costs_more(replaced, draft):
        raise invalid_field(MEMBER, "It costs no more than that visit: move that one.")
    return in_place_of(replaced, draft, change)


def latest_end_of_hold(connection: Connection, booking: Booking, now: datetime) -> datetime:
    """By when a held visit must be paid: before it begins, and before the one begins that it replaces.

    Raises `booking_state_conflict` when that one is not there to be given up any more.
    """
    if booking.replaces_id is None:
        return booking.visit.start
    replaced = get_booking(connection, booking.replaces_id)
    if replaced is None or not gives_way(replaced, booking, now):
        raise booking_state_conflict("The visit that this one replaces has changed.")
    return min(booking.visit.start, replaced.visit.start)


def lock_replaced(connection: Connection, booking: Booking | None) -> Booking | None:
    """The visit that is given up for this one, if there is one; `lock_with_series` has locked both."""
    return lock_booking(connection, booking.replaces_id) if booking and booking.replaces_id else None


def give_up(connection: Connection, replaced: Booking, replacement: Booking, now: datetime) -> None:
    """It is paid: the visit that it replaces is cancelled, and all of that one's money goes back. Both are
    locked."""
    change = Change(Actor.CUSTOMER, replaced.customer_id, Reason.REPLACED, now)
    refund = refund_in_full(replaced.paid.less(returned_of(connection, replaced)))
    cancelled = cancel(replaced, CancelCause.REPLACED.value, refund, change)
    record_cancellation(connection, replaced, cancelled, change)
    if replaced.series_id is not None:
        put_in_place(connection, replaced.series_id, replaced.booking_id, replacement.booking_id)
