"""As what somebody looks at a booking, and what of its notes they read (promise C10, rule B11)."""

from typing import Any

from services.booking.domain.booking import Booking
from services.booking.domain.care import Care, Viewer, seen_by
from services.booking.usecases.views import booking_view
from shared.contracts.declaration import Caller


def viewer_of(booking: Booking, caller: Caller) -> Viewer:
    """As what the caller looks at a booking that they may read. Whoever owns the provider and books there
    themselves is its customer."""
    if caller.user_id and caller.user_id == booking.customer_id:
        return Viewer.CUSTOMER
    post = caller.post_at(booking.provider_id)
    if post is None:
        return Viewer.OTHER
    if post.is_owner:
        return Viewer.OWNER
    return Viewer.DOER if post.staff_id in booking.resource_ids else Viewer.OTHER


def view_for(booking: Booking, caller: Caller) -> dict[str, Any]:
    """BookingSchema, with what the customer has noted if the caller is told."""
    return booking_view(booking) | notes_for(booking, None, caller)


def notes_for(booking: Booking, provider_notes: str | None, caller: Caller) -> dict[str, str | None]:
    """Both sides' notes (`notes`, `provider_notes`) as far as the caller reads them now."""
    care = Care(provider_notes=provider_notes)
    seen = seen_by(viewer_of(booking, caller), booking.state, care, booking.notes)
    return {"notes": seen.notes, "provider_notes": seen.provider_notes}
