"""Ends holds that nobody paid or answered: by the sweeper, and for whoever wants the slot before it came
by."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, expire, leave_unanswered
from services.booking.domain.local_time import Interval
from services.booking.domain.refunds import refund_in_full
from services.booking.domain.states import Actor, Change, Reason
from services.booking.store.bookings import record
from services.booking.store.due_bookings import (
    SWEEP_BATCH,
    find_lapsed_in_the_way,
    lock_lapsed,
    lock_lapsed_in_the_way,
)
from services.booking.store.locks import lock_bookings
from services.booking.store.payments import returned_of
from services.booking.store.reaches import load_reaches
from services.booking.usecases.announcements import announce, booking_event, slot_changed
from shared.contracts.booking_events import BOOKING_CANCELLED, BOOKING_EXPIRED
from shared.contracts.declaration import EventType
from shared.database.transaction import Transaction, read_app_now
from shared.telemetry.timed_work import work_found


def sweep_expired_holds(transaction: Transaction) -> int:
    """Free the slots of all holds that have ended (promise C5); returns how many.

    Safe in several processes at once: each takes other rows.
    """
    ended = 0
    while True:
        with transaction() as connection:
            now = read_app_now(connection)
            bookings = lock_lapsed(connection, now)
            if bookings:
                with work_found():
                    end_holds(connection, bookings, now)
        ended += len(bookings)
        if len(bookings) < SWEEP_BATCH:
            return ended


def release_lapsed_in_the_way(
    connection: Connection, resource_ids: Collection[str], blocked: Interval, now: datetime
) -> bool:
    """End the holds that have ended and still block this time; whether it is worth trying again."""
    bookings = lock_lapsed_in_the_way(connection, resource_ids, blocked, now)
    if bookings is None:
        return False
    end_holds(connection, bookings, now)
    return True


def lock_and_release_lapsed(
    connection: Connection,
    booking_ids: Collection[str],
    resource_ids: Collection[str],
    blocked: Interval,
    now: datetime,
) -> dict[str, Booking]:
    """These bookings as they are now, by their ids; the holds that have ended and still block this time end.

    All are locked together: whoever has locked a booking waits for no other whose id is smaller.
    """
    lapsed = find_lapsed_in_the_way(connection, resource_ids, blocked, now).difference(booking_ids)
    locked = lock_bookings(connection, {*booking_ids, *lapsed})
    end_holds(connection, [one for one in locked if one.booking_id in lapsed and has_ended(one, now)], now)
    return {one.booking_id: one for one in locked if one.booking_id not in lapsed}


def has_ended(booking: Booking, now: datetime) -> bool:
    """Whether it holds a slot no longer, swept or not: `ended_holds.ended` of a booking that is locked."""
    return booking.hold is not None and not booking.hold.is_live(now)


def end_holds(connection: Connection, bookings: Collection[Booking], now: datetime) -> None:
    """End locked bookings whose hold has ended, free their slots and tell: what is not paid expires, and what
    is paid and was not answered is cancelled, with everything due back (promise C9)."""
    if not bookings:
        return
    reaches = load_reaches(connection, {booking.provider_id for booking in bookings})
    events = []
    for booking in bookings:
        end = _leave_unanswered if booking.awaits_answer else _expire
        ended, event_type = end(connection, booking, now)
        events.append(booking_event(event_type, ended, now))
        events.append(slot_changed(ended, reaches[ended.provider_id], now))
    announce(connection, events)


def _expire(connection: Connection, booking: Booking, now: datetime) -> tuple[Booking, EventType]:
    change = Change(Actor.SYSTEM, None, Reason.HOLD_ENDED, now)
    expired = expire(booking, change)
    record(connection, booking, expired, change)
    return expired, BOOKING_EXPIRED


def _leave_unanswered(connection: Connection, booking: Booking, now: datetime) -> tuple[Booking, EventType]:
    change = Change(Actor.SYSTEM, None, Reason.UNANSWERED, now)
    refund = refund_in_full(booking.paid.less(returned_of(connection, booking)))
    cancelled = leave_unanswered(booking, refund, change)
    record(connection, booking, cancelled, change)
    return cancelled, BOOKING_CANCELLED
