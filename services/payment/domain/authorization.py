"""When money is held until after the visit, and by when it must be taken or released (rule M15)."""

from datetime import datetime, timedelta
from enum import StrEnum


class CaptureMethod(StrEnum):
    """In Stripe's words. `automatic`: taken when the customer pays; `manual`: held, and taken later."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class CaptureCause(StrEnum):
    """Why it was decided what becomes of a hold; written to `payment.capture_cause`."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    DEADLINE = "deadline"


LASTS = timedelta(days=7)
"""An authorization that a customer gave in person lasts so long with Visa, Mastercard, American Express and
Discover, and an intent that nobody captures is cancelled by Stripe so long after it was made."""
MARGIN = timedelta(hours=24)
"""What is still held so long before the hold lapses is taken: a day for everything that may be down."""


def method_for(done_by: datetime | None, now: datetime) -> CaptureMethod:
    """Hold only where the visit counts as done while the hold is good, else charge at booking.

    `done_by` is booking's word; without it nobody knows, and the card is charged. A card is never held longer
    than its authorization and never authorized again in silence.
    """
    is_held = done_by is not None and is_good_for(done_by, now + LASTS)
    return CaptureMethod.MANUAL if is_held else CaptureMethod.AUTOMATIC


def lapses_at(told: datetime | None, made_at: datetime) -> datetime:
    """When a hold ends by itself: as the card's bank told it, and with its intent at the latest."""
    of_intent = made_at + LASTS
    return of_intent if told is None else min(told, of_intent)


def is_good_for(done_by: datetime, capture_before: datetime) -> bool:
    """Whether a hold that lapses then outlasts the visit and what may still be said of it."""
    return done_by <= last_moment(capture_before)


def last_moment(capture_before: datetime) -> datetime:
    """By then it must be decided what becomes of a hold."""
    return capture_before - MARGIN
