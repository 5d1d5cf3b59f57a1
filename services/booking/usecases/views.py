"""Bookings, slots and quotes as the contract states them."""

import hashlib
import json
from datetime import datetime
from typing import Any

from services.booking.domain.booking import Booking
from services.booking.domain.quotes import Quote
from services.booking.domain.refund_quotes import RefundQuote
from services.booking.domain.refunds import Refund
from services.booking.domain.slots import Slot


def booking_view(booking: Booking) -> dict[str, Any]:
    """BookingSchema. The local time is the one that was agreed, in the zone of that time (rule T13)."""
    return {
        "booking_id": booking.booking_id,
        "version": booking.version,
        "state": booking.state.value,
        "customer_id": booking.customer_id,
        "provider_id": booking.provider_id,
        "service_id": booking.service_id,
        "staff_id": booking.staff_id,
        "service_name": dict(booking.service_name),
        "starts_at": booking.visit.start,
        "ends_at": booking.visit.end,
        "time_zone": booking.time_zone,
        "local_date": booking.start.local.date().isoformat(),
        "local_time": f"{booking.start.local:%H:%M}",
        "utc_offset": booking.start.offset_text,
        "quote": quote_view(booking.quote),
        "hold_expires_at": booking.hold.last_instant if booking.hold else None,
        "pending_for": booking.pending_for.value if booking.pending_for and booking.hold else None,
        "answer_hours": booking.answer_hours,
        "notes": booking.notes,
        "series_id": booking.series_id,
        "waitlist_id": booking.waitlist_id,
        "moves": booking.moves,
        "replaces_booking_id": booking.replaces_id,
        "place": booking.place.value,
        "cancel_cause": booking.cancel_cause,
        "refund": refund_view(booking.refund) if booking.refund else None,
        "contest_until": booking.missed.contest_until if booking.missed else None,
        "contest": booking.missed.contest if booking.missed else None,
        "created_at": booking.created_at,
    }


def ended_view(booking: Booking) -> dict[str, Any]:
    """BookingCancelledSchema, also of a visit that was missed: the booking and what is due."""
    refund = booking.refund
    if refund is None:
        raise ValueError("a booking that ended without its visit says what is due")
    return {**booking_view(booking), **refund_view(refund)}


def refund_view(refund: Refund) -> dict[str, Any]:
    """RefundSchema."""
    return {
        "refund_percent": refund.percent,
        "tip_percent": refund.tip_percent,
        "service_refund": refund.service.to_wire(),
        "tip_refund": refund.tip.to_wire(),
    }


def refund_quote_id(quote: RefundQuote) -> str:
    """A digest of all that is shown.

    Nothing is gained by making one up: cancelling compares it with what is due at that moment, and
    gives back exactly that or does nothing.
    """
    refund = quote.refund
    shown = [
        quote.booking_id,
        refund.percent,
        refund.tip_percent,
        str(refund.service),
        str(refund.tip),
        quote.notice_hours,
        quote.valid_until.isoformat(),
    ]
    return "rq_" + hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]


def refund_quote_view(quote: RefundQuote) -> dict[str, Any]:
    """RefundQuoteSchema."""
    return {
        **refund_view(quote.refund),
        "quote_id": refund_quote_id(quote),
        "booking_id": quote.booking_id,
        "valid_until": quote.valid_until,
        "notice_hours": quote.notice_hours,
    }


def quote_view(quote: Quote) -> dict[str, Any]:
    """QuoteSchema."""
    return {
        "lines": [
            {"kind": line.kind, "name": dict(line.name), "amount": line.amount.to_wire()}
            for line in quote.lines
        ],
        "total": quote.total.to_wire(),
        "quoted_at": quote.quoted_at,
        "refund_policy_id": quote.policy.policy_id,
        "refund_tiers": [
            {"notice_hours": tier.notice_hours, "percent": tier.percent} for tier in quote.policy.tiers
        ],
        "no_show_percent": quote.policy.no_show_percent,
    }


def prepared_view(booking: Booking, done_by: datetime) -> dict[str, Any]:
    """PreparedPaymentSchema."""
    view = booking_view(booking)
    members = (
        "booking_id",
        "customer_id",
        "provider_id",
        "service_id",
        "quote",
        "starts_at",
        "ends_at",
        "hold_expires_at",
    )
    return {member: view[member] for member in members} | {"done_by": done_by}


def slot_view(slot: Slot) -> dict[str, Any]:
    """SlotSchema."""
    local_date, _, local_time = slot.start.local.isoformat().partition("T")
    return {
        "starts_at": slot.visit.start,
        "ends_at": slot.visit.end,
        "local_date": local_date,
        "local_time": local_time[:5],
        "utc_offset": slot.start.offset_text,
        "staff_ids": list(slot.staff_ids),
        "seats_left": slot.seats_left,
    }
