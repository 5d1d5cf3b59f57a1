"""A booking with its care, for each who looks at it as far as they may see (promise C10, rule B11)."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from services.booking.domain.booking import Booking
from services.booking.domain.care import Seen, Viewer, seen_by
from services.booking.store.care import care_of
from services.booking.usecases.check_ins import presence_views
from services.booking.usecases.viewers import viewer_of
from services.booking.usecases.views import booking_view
from shared.contracts.declaration import Caller


def detail_view(connection: Connection, booking: Booking, caller: Caller) -> dict[str, Any]:
    """BookingDetailSchema."""
    viewer = viewer_of(booking, caller)
    seen = seen_by(viewer, booking.state, care_of(connection, booking.booking_id), booking.notes)
    return booking_view(booking) | {
        "recipient": asdict(seen.recipient) if seen.recipient else None,
        "address": _address(seen),
        "notes": seen.notes,
        "provider_notes": seen.provider_notes,
        **presence_views(connection, booking.booking_id, with_position=viewer is Viewer.OWNER),
    }


def _address(seen: Seen) -> dict[str, Any] | None:
    """ShownAddressSchema."""
    address = seen.address
    if address is None:
        return None
    if seen.city_only:
        return {"lines": None, "city": address.city, "latitude": None, "longitude": None}
    return {
        "lines": list(address.lines),
        "city": address.city,
        "latitude": address.point.latitude,
        "longitude": address.point.longitude,
    }
