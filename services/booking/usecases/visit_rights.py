"""Who may say of a provider's visit that it began, took place or will not (promise H2, rule B11)."""

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.store.visits import is_done_by
from shared.contracts.declaration import Caller
from shared.errors import forbidden, not_found


def provider_booking(booking: Booking | None, caller: Caller) -> Booking:
    """The booking if the caller acts for its provider. Raises `not_found`."""
    if booking is None or not caller.acts_for(booking.provider_id):
        raise not_found()
    return booking


def check_owner(booking: Booking, caller: Caller) -> None:
    """Raise `forbidden` unless the caller owns the provider: money goes back by the owner's word."""
    if not caller.owns(booking.provider_id):
        raise forbidden()


def check_owner_or_doer(connection: Connection, booking: Booking, caller: Caller) -> None:
    """Raise `forbidden` unless the caller owns the provider, or does this visit, alone or with others."""
    if caller.owns(booking.provider_id):
        return
    post = caller.post_at(booking.provider_id)
    if post is None or not post.staff_id or not is_done_by(connection, booking.booking_id, post.staff_id):
        raise forbidden()
