"""Money that comes after the hold has ended: its visit is taken again, or it is due back (rule W5)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, Payment, cancel_paid_late, confirm
from services.booking.domain.local_time import local_day
from services.booking.domain.refunds import refund_in_full
from services.booking.domain.states import Actor, Change, Reason, State
from services.booking.domain.stranding import Given, stranded
from services.booking.domain.ways import reaching
from services.booking.store.agreed_visits import units_in_use, visit_of
from services.booking.store.bookings import record, record_taking_again
from services.booking.store.locks import share_supply_and_lock_counted
from services.booking.store.reaches import load_reaches
from services.booking.store.sessions import free_seat, session_of_visit
from services.booking.store.supplies import Days, load_supplies
from services.booking.usecases.announcements import announce, booking_event, secured_event, slot_changed
from services.booking.usecases.endings import record_cancellation
from services.booking.usecases.expiry import lock_and_release_lapsed
from services.booking.usecases.series_holds import end_work_alike, ids_with_series, lock_with_series
from services.booking.usecases.take_slot import counted_on_again, join
from services.booking.usecases.two_places import is_elsewhere
from services.booking.usecases.ways_again import ways_of_agreed
from shared.contracts.booking_events import BOOKING_CANCELLED
from shared.database.transaction import read_app_now


def lock_what_it_rests_on(connection: Connection, found: Booking) -> datetime:
    """Lock all that the visit of a pending or expired booking rests on, and read the clock after it: whoever
    waits for these locks may wait until the hold has ended, and its customer has something else."""
    counted = counted_on_again(found)
    share_supply_and_lock_counted(connection, found.provider_id, found.customer_id, counted)
    return read_app_now(connection)


def lock_to_confirm(connection: Connection, found: Booking, now: datetime) -> Booking | None:
    """The booking as it is now: its hold may end meanwhile.

    If it has ended: with the ended holds that are in the way of taking it again, the way there included,
    which end. `found` is the answer of `lock_series_of`; call it under `lock_what_it_rests_on`. Raises
    EndedMeanwhileError.
    """
    if found.state is State.PENDING:
        booking = lock_with_series(connection, found)
        if booking is not None and booking.state is State.EXPIRED:
            raise EndedMeanwhileError(found.booking_id)
        return booking
    ways = ways_of_agreed(connection, found) or {}
    blocked, ids = reaching(found.blocked, ways.values()), ids_with_series(connection, found)
    locked = lock_and_release_lapsed(connection, ids, found.resource_ids, blocked, now)
    return locked.get(found.booking_id)


class EndedMeanwhileError(Exception):
    """Its hold has ended since it was looked at. What is in its way is locked before it: begin again."""


def confirm_late(
    connection: Connection, booking: Booking, agreed: Booking, payment: Payment, now: datetime
) -> bool:
    """Take the slot again if it is free and still offered, for an answer where its provider is asked first; a
    visit whose start has passed is gone too, and one whose customer has something else then. False: it is
    gone, and the money is due back.

    Call it under `lock_to_confirm`; `agreed`: the booking with what its payment changes of it.
    """
    change = Change(Actor.PAYMENT, None, Reason.PAID_LATE, now)
    confirmed = None
    if now < booking.visit.start and not is_elsewhere(connection, booking, now):
        confirmed = _take_again(connection, booking, confirm(agreed, payment, change), change)
    if confirmed is None:
        cancelled = cancel_paid_late(booking, payment, refund_in_full(payment.paid), change)
        record(connection, booking, cancelled, change)
        announce(connection, [booking_event(BOOKING_CANCELLED, cancelled, now)])
        return False
    reach = load_reaches(connection, [booking.provider_id])[booking.provider_id]
    announce(
        connection,
        [secured_event(confirmed, now), slot_changed(confirmed, reach, now)],
    )
    return True


def return_late(
    connection: Connection, booking: Booking, payment: Payment, reason: Reason, now: datetime
) -> None:
    """Paid, and it can't take place, though what it holds may not be free yet: everything goes back."""
    change = Change(Actor.SYSTEM, None, reason, now)
    cancelled = cancel_paid_late(booking, payment, refund_in_full(payment.paid), change)
    record_cancellation(connection, booking, cancelled, change)
    end_work_alike(connection, cancelled, change)


def _take_again(connection: Connection, before: Booking, after: Booking, change: Change) -> Booking | None:
    """With what it had, or with a seat of the session that its staff has opened anew then and there."""
    seat = None
    if after.session_id is not None and after.seats is not None:
        session = session_of_visit(connection, after)
        if session is not None and session.place is not after.place:
            return None
        after = after if session is None else join(after, session)
        seat = free_seat(connection, after.session_id or "", after.seats or 0)
        if seat is None:
            return None
    if not is_offered(connection, after, change.at):
        return None
    ways = ways_of_agreed(connection, after)
    if ways is None:
        return None
    after = replace(after, ways=ways)
    return after if record_taking_again(connection, before, after, change, seat) else None


def is_offered(connection: Connection, booking: Booking, now: datetime) -> bool:
    """Whether the service, its hours and its people are such that the visit can take place."""
    day = local_day(booking.visit.start, booking.time_zone)
    days = Days(day, day, (booking.service_id,))
    supplies = load_supplies(connection, booking.provider_id, days)
    given = Given(supplies, units_in_use(connection, booking.provider_id))
    visit = visit_of(connection, booking)
    return booking.service_id in supplies and not stranded([visit], given, now)
