"""Changes what a customer or a provider has noted on a booking; its history says who did, never what."""

from typing import Any

from sqlalchemy import Connection

from services.booking.domain import booking as domain
from services.booking.domain.booking import Booking
from services.booking.domain.care import AGREED
from services.booking.domain.states import OCCUPYING, Actor, Change, Reason
from services.booking.store.bookings import record
from services.booking.store.care import care_of, put_provider_notes
from services.booking.store.locks import lock_booking
from services.booking.usecases.once import answer_once
from services.booking.usecases.refund_quote import own_booking
from services.booking.usecases.visit_rights import check_owner_or_doer, provider_booking
from shared.contracts.booking_care import CHANGE_NOTES, notes_closed
from shared.contracts.declaration import Caller
from shared.database.idempotency import IdempotentRequest
from shared.database.transaction import Transaction, read_app_now


def change_notes(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """NotesSchema, once per key.

    Raises `not_found` for whom the booking does not exist, `forbidden` for staff who do not do it,
    `notes_closed` for a customer whose visit is over and for a provider before it is agreed.
    """
    change = _of_customer if request["side"] == "customer" else _of_provider

    def work(connection: Connection) -> dict[str, Any]:
        locked = lock_booking(connection, request["booking_id"])
        after = change(connection, locked, request["notes"] or None, caller)
        return {
            "booking_id": after.booking_id,
            "version": after.version,
            "notes": after.notes,
            "provider_notes": care_of(connection, after.booking_id).provider_notes,
        }

    with transaction() as connection:
        key = IdempotentRequest.of(CHANGE_NOTES, caller, request)
        return answer_once(connection, key, caller, lambda: work(connection))


def _of_customer(
    connection: Connection, locked: Booking | None, notes: str | None, caller: Caller
) -> Booking:
    booking = own_booking(locked, caller)
    if booking.state not in OCCUPYING:
        raise notes_closed(state=booking.state.value)
    return _record(connection, booking, notes, Actor.CUSTOMER, caller)


def _of_provider(
    connection: Connection, locked: Booking | None, notes: str | None, caller: Caller
) -> Booking:
    booking = provider_booking(locked, caller)
    check_owner_or_doer(connection, booking, caller)
    if booking.state not in AGREED:
        raise notes_closed(state=booking.state.value)
    put_provider_notes(connection, booking.booking_id, notes)
    return _record(connection, booking, booking.notes, Actor.PROVIDER, caller)


def _record(
    connection: Connection, before: Booking, notes: str | None, actor: Actor, caller: Caller
) -> Booking:
    after = domain.change_notes(before, notes)
    change = Change(actor, caller.user_id, Reason.NOTES_CHANGED, read_app_now(connection))
    record(connection, before, after, change)
    return after
