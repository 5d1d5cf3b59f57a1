"""What became of a booking, for those who may see it: who changed it, when and why (promise C4, rule B11)."""

from typing import Any

from services.booking.domain.past import PastChange
from services.booking.domain.states import Actor, Reason
from services.booking.store.history import history_of
from services.booking.store.records import get_booking
from services.booking.usecases.read_bookings import may_read
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction
from shared.errors import not_found


def read_history(transaction: Transaction, booking_id: str, caller: Caller) -> dict[str, Any]:
    """BookingHistorySchema for its customer, its provider's members and administrators; else `not_found`."""
    with transaction() as connection:
        booking = get_booking(connection, booking_id)
        if booking is None or not may_read(caller, booking):
            raise not_found()
        changes = history_of(connection, booking_id)
    is_own = caller.user_id == booking.customer_id
    return {"booking_id": booking_id, "changes": [_view(change, caller, is_own) for change in changes]}


def _view(change: PastChange, caller: Caller, is_own: bool) -> dict[str, Any]:
    """Which of the provider's people it was is not the customer's to know, and which administrator nobody's
    but theirs. What a customer wrote is not for the provider, unless it contests what the provider said;
    what others wrote is for the customer too."""
    everybody = {Actor.CUSTOMER} if is_own else {Actor.CUSTOMER, Actor.PROVIDER}
    is_named = caller.is_admin or change.actor in everybody
    is_told = change.actor != Actor.CUSTOMER or change.reason == Reason.NO_SHOW_CONTESTED
    is_read = caller.is_admin or is_own or is_told
    return {
        "version": change.version,
        "from_state": change.from_state,
        "to_state": change.to_state,
        "actor": change.actor,
        "actor_id": change.actor_id if is_named else None,
        "reason": change.reason,
        "note": change.note if is_read else None,
        "at": change.at,
        "starts_at": change.starts_at,
        "staff_id": change.staff_id,
    }
