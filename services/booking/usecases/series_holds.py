"""How long visits of a series are kept: all end together until one is paid, then each has its own time."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from services.booking.domain.booking import Booking, change_hold
from services.booking.domain.holds import new_hold, payment_out_of_work
from services.booking.domain.series import as_long_as, kept, waits_for_payment
from services.booking.domain.states import Actor, Change, Reason
from services.booking.store.bookings import record
from services.booking.store.locks import (
    lock_booking,
    lock_bookings,
    lock_bookings_of_series,
    lock_holders,
    lock_series,
)
from services.booking.store.payments import in_work
from services.booking.store.records import get_booking
from services.booking.store.series import bookings_of, get_series, keep, keep_no_longer, list_kept_unpaid
from shared.database.transaction import Transaction, read_app_now
from shared.telemetry.timed_work import work_found

SWEEP_BATCH = 20


def lock_series_of(connection: Connection, booking_id: str) -> Booking | None:
    """The booking as it was; its series is locked, before any other lock."""
    booking = get_booking(connection, booking_id)
    series_id = _series_of(connection, booking) if booking is not None else None
    if series_id is not None:
        lock_series(connection, series_id)
    return booking


def lock_to_prolong(connection: Connection, booking_id: str) -> tuple[Booking | None, datetime]:
    """`lock_series_of`, and the time by which it is decided whether its hold goes on: from then on nothing is
    held for its customer beside it, which would be where it has ended (rule C19)."""
    found = lock_series_of(connection, booking_id)
    if found is not None:
        lock_holders(connection, [found.customer_id])
    return found, read_app_now(connection)


def lock_with_series(connection: Connection, found: Booking | None) -> Booking | None:
    """The booking as it is now; all visits of its series, and the one that it replaces, are locked with it,
    in order of their ids.

    `found` is the answer of `lock_series_of`.
    """
    if found is None:
        return None
    if found.replaces_id is not None:
        lock_bookings(connection, ids_with_series(connection, found))
    elif found.series_id is not None:
        lock_bookings_of_series(connection, found.series_id)
    return lock_booking(connection, found.booking_id)


def ids_with_series(connection: Connection, found: Booking) -> set[str]:
    """Of the booking, its whole series and the one that it replaces: what `lock_with_series` locks."""
    series_id = _series_of(connection, found)
    visits = bookings_of(connection, series_id) if series_id is not None else []
    replaced = [found.replaces_id] if found.replaces_id is not None else []
    return {found.booking_id, *replaced, *(one.booking_id for one in visits)}


def hold_alike(connection: Connection, booking: Booking, change: Change) -> None:
    """The hold of this visit has changed: until one visit is paid, those of all others change with it.

    Call it under `lock_with_series`.
    """
    if booking.series_id is None or booking.hold is None:
        return
    series = get_series(connection, booking.series_id)
    if series is None or series.kept_at is not None:
        return
    for other in _others(connection, booking, change.at):
        hold = as_long_as(booking.hold, other.visit.start)
        if other.hold is not None:
            # This one may begin before the end that was promised of the other (promise C5).
            hold = replace(hold, ends_at=max(hold.ends_at, other.hold.ends_at))
        if hold != other.hold:
            record(connection, other, change_hold(other, hold), change)


def end_work_alike(connection: Connection, booking: Booking, change: Change) -> None:
    """A payment of this visit is in work no more, whatever has become of the visit: until one visit is paid,
    the holds of all go on as they were, unless a payment of another is in work.

    Call it under `lock_with_series`, when the payment's report is noted.
    """
    alike = [one for one in _held_alike(connection, booking) if waits_for_payment(one)]
    if in_work(connection, [one.booking_id for one in alike]):
        return
    for one in alike:
        if one.hold is not None and one.hold.processing_until is not None and one.is_held(change.at):
            record(connection, one, change_hold(one, payment_out_of_work(one.hold)), change)


def keep_series(connection: Connection, booking: Booking, now: datetime) -> None:
    """One visit is paid: the others wait for their own time to be paid. The first payment decides.

    Call it under `lock_with_series`.
    """
    if booking.series_id is None or not keep(connection, booking.series_id, now):
        return
    change = Change(Actor.PAYMENT, None, Reason.SERIES_PAID, now)
    others = _others(connection, booking, now)
    being_paid = in_work(connection, [other.booking_id for other in others])
    for other in others:
        record(connection, other, kept(other, now, other.booking_id in being_paid), change)


def is_kept(connection: Connection, booking: Booking) -> bool:
    """Whether another visit of its series is paid, so that it has its own time to be paid."""
    series = get_series(connection, booking.series_id) if booking.series_id else None
    return series is not None and series.kept_at is not None


def end_unpaid_keeping(transaction: Transaction, hold_seconds: int) -> int:
    """What was paid of a series is given back, whoever cancelled it: the rest is not kept for months for
    nothing, but as long as any hold. Returns how many series there were."""
    with transaction() as connection:
        unpaid = list_kept_unpaid(connection, SWEEP_BATCH)
    for series_id in unpaid:
        with work_found(), transaction() as connection:
            _end_keeping(connection, series_id, hold_seconds)
    return len(unpaid)


def _end_keeping(connection: Connection, series_id: str, hold_seconds: int) -> None:
    lock_series(connection, series_id)
    visits = lock_bookings_of_series(connection, series_id)
    if not keep_no_longer(connection, series_id):
        return
    now = read_app_now(connection)
    change = Change(Actor.SYSTEM, None, Reason.SERIES_UNPAID, now)
    for visit in visits:
        if visit.hold is not None and waits_for_payment(visit) and visit.is_held(now):
            hold = new_hold(now, hold_seconds, visit.visit.start)
            hold = replace(hold, processing_until=visit.hold.processing_until)
            record(connection, visit, change_hold(visit, hold), change)


def _series_of(connection: Connection, booking: Booking) -> str | None:
    """Its series, or the one in which it takes the place of another visit once it is paid."""
    if booking.series_id is not None or booking.replaces_id is None:
        return booking.series_id
    replaced = get_booking(connection, booking.replaces_id)
    return replaced.series_id if replaced is not None else None


def _held_alike(connection: Connection, booking: Booking) -> list[Booking]:
    """This visit and those whose holds change with its own."""
    series = get_series(connection, booking.series_id) if booking.series_id else None
    if series is None or series.kept_at is not None:
        return [booking]
    return bookings_of(connection, series.series_id)


def _others(connection: Connection, booking: Booking, now: datetime) -> list[Booking]:
    """Those that are held unpaid; a hold that has ended comes back by nothing."""
    visits = bookings_of(connection, booking.series_id or "")
    return [
        one
        for one in visits
        if one.booking_id != booking.booking_id and waits_for_payment(one) and one.is_held(now)
    ]
