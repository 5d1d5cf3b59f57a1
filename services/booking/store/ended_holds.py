"""Which holds have ended, for every statement that asks: swept or not, they block nobody (rule C7)."""


def ended(now: str) -> str:
    """The condition on `booking`, as SQL; `now` is SQL too, and never what somebody sent."""
    return f"booking.state = 'pending' AND greatest(booking.hold_ends_at, booking.processing_until) <= {now}"


def counts(now: str) -> str:
    """The condition on `booking` that its visit takes place, took place or is held."""
    return f"booking.state NOT IN ('cancelled', 'expired') AND NOT ({ended(now)})"
