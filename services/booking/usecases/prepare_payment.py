"""Gets a held booking ready to be paid: the hold is prolonged once, the frozen quote handed over."""

from typing import Any

from services.booking.domain.booking import change_hold
from services.booking.domain.holds import prolonged
from services.booking.domain.states import Actor, Change, Reason, State
from services.booking.settings import BookingSettings
from services.booking.store.bookings import record
from services.booking.usecases.refusals import customer_of
from services.booking.usecases.replacing import latest_end_of_hold
from services.booking.usecases.series_holds import hold_alike, lock_to_prolong, lock_with_series
from services.booking.usecases.views import prepared_view
from shared.contracts.booking import booking_state_conflict, hold_expired
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction
from shared.errors import not_found


def prepare_payment(
    transaction: Transaction, settings: BookingSettings, request: dict[str, Any], caller: Caller
) -> dict[str, Any]:
    """PreparedPaymentSchema for the booking's customer; safe to repeat: the hold grows once.

    Raises `not_found` for another's booking, `hold_expired` when its time is over,
    `booking_state_conflict` when there is nothing to pay.
    """
    customer_id = customer_of(caller)
    with transaction() as connection:
        found, now = lock_to_prolong(connection, request["booking_id"])
        booking = lock_with_series(connection, found)
        if booking is None or booking.customer_id != customer_id:
            raise not_found()
        if booking.state is State.EXPIRED:
            raise hold_expired()
        if booking.hold is None or booking.awaits_answer:
            raise booking_state_conflict(state=booking.state.value)
        if not booking.is_held(now):
            raise hold_expired()
        latest = latest_end_of_hold(connection, booking, now)
        hold = prolonged(booking.hold, now, settings.payment_hold_seconds, latest)
        if hold != booking.hold:
            before, booking = booking, change_hold(booking, hold)
            change = Change(Actor.CUSTOMER, customer_id, Reason.HOLD_PROLONGED, now)
            record(connection, before, booking, change)
            hold_alike(connection, booking, change)
    return prepared_view(booking, booking.visit.end + settings.complete_grace)
