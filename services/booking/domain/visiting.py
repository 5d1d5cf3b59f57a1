"""When a visit may be said to have begun and to be over (promise C4)."""

from datetime import datetime, timedelta

from services.booking.domain.booking import Booking
from services.booking.domain.no_shows import GRACE

EARLY = timedelta(minutes=30)
"""Whoever gives care may come so much before the time that was agreed."""


def earliest_start(booking: Booking) -> datetime:
    """From then on the visit may have begun."""
    return booking.visit.start - EARLY


def earliest_completion(booking: Booking) -> datetime:
    """From then on the visit may be over: a short one may end before it was planned to."""
    return booking.visit.start


def earliest_no_show(booking: Booking) -> datetime:
    """From then on the customer may be said to be missing (rule B6)."""
    return booking.visit.start + GRACE
