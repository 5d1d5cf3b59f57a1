"""Which holds have ended, for every statement that asks: swept or not, they block nobody (rule C7)."""

from sqlalchemy import text

HELD = "booking.state IN ('pending', 'confirmed', 'in_progress') AND booking.hold_ends_at IS NOT NULL"
"""The condition that `state = 'pending'` is too (ck_booking_hold), for the holds of one customer: it finds
them by the index of their visits. Those of holds are read whole by a plan that was made for a few."""


def live(now: str) -> str:
    """The condition on a booking that is held that its hold has not ended; not by `greatest`, whose index
    would be read over everybody's."""
    return f"(booking.hold_ends_at > {now} OR booking.processing_until > {now})"


def ended(now: str) -> str:
    """The condition on `booking`, as SQL; `now` is SQL too, and never what somebody sent."""
    return f"booking.state = 'pending' AND greatest(booking.hold_ends_at, booking.processing_until) <= {now}"


ANY_ENDED = text(f"SELECT EXISTS (SELECT FROM booking WHERE {ended('(SELECT app_now())')})")
"""A hold has ended and was not swept. The subquery is read once, so that the index is found by it."""


def counts(now: str) -> str:
    """The condition on `booking` that its visit takes place, took place or is held."""
    return f"booking.state NOT IN ('cancelled', 'expired') AND NOT ({ended(now)})"
