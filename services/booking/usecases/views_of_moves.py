"""Moves of bookings as the contract states them."""

import hashlib
import json
from datetime import datetime
from typing import Any

from services.booking.domain.booking import Booking
from services.booking.domain.moving import Terms, visit_then
from services.booking.domain.reasons import Start
from services.booking.usecases.views import booking_view
from shared.money import Money


def reschedule_quote_id(booking: Booking, start: Start, terms: Terms) -> str:
    """A digest of all that is shown; nothing is stored, and rescheduling compares it with what is so then."""
    shown = [
        booking.booking_id,
        booking.version,
        start.start.instant.isoformat(),
        visit_then(start).end.isoformat(),
        str(terms.quote.total),
        str(terms.due),
        str(terms.more),
        terms.refund_percent,
        terms.moves_left,
    ]
    return "mq_" + hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]


def reschedule_quote_view(booking: Booking, start: Start, terms: Terms) -> dict[str, Any]:
    """RescheduleQuoteSchema."""
    return {
        "quote_id": reschedule_quote_id(booking, start, terms),
        "booking_id": booking.booking_id,
        "starts_at": start.visit.start,
        "ends_at": visit_then(start).end,
        "local_date": start.start.local.date().isoformat(),
        "local_time": f"{start.start.local:%H:%M}",
        "utc_offset": start.start.offset_text,
        "price": terms.quote.total.to_wire(),
        "service_refund": terms.due.to_wire(),
        "price_difference": terms.more.to_wire(),
        "refund_percent": terms.refund_percent,
        "moves_left": terms.moves_left,
    }


def rescheduled_view(before: Booking, after: Booking, due: Money, done_by: datetime) -> dict[str, Any]:
    """BookingRescheduledSchema."""
    return {
        **booking_view(after),
        "previous_starts_at": before.visit.start,
        "previous_ends_at": before.visit.end,
        "service_refund": due.to_wire(),
        "done_by": done_by,
    }
