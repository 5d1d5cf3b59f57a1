"""Which holds have ended, for every statement that asks: swept or not, they block nobody (rule C7)."""


def ended(now: str) -> str:
    """The condition on `booking`, as SQL; `now` is SQL too, and never what somebody sent."""
    return f"booking.state = 'pending' AND greatest(booking.hold_ends_at, booking.processing_until) <= {now}"


ANY_ENDED = f"SELECT EXISTS (SELECT FROM booking WHERE {ended('(SELECT app_now())')})"
"""A hold has ended and was not swept. The subquery is read once, so that the index is found by it."""


def counts(now: str) -> str:
    """The condition on `booking` that its visit takes place, took place or is held."""
    return f"booking.state NOT IN ('cancelled', 'expired') AND NOT ({ended(now)})"
