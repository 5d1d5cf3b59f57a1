"""How long a pending booking keeps its slot (promises C5 and C9)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

PROCESSING_LIMIT = timedelta(hours=1)
"""A payment in work keeps the slot at most so long; payment's reconciler forces an outcome within it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """`ends_at` as promised to the customer; `processing_until` while a payment is in work."""

    ends_at: datetime
    processing_until: datetime | None = None
    prolonged: bool = False

    @property
    def last_instant(self) -> datetime:
        """When the slot is free again, unless something happens before."""
        return max(self.ends_at, self.processing_until or self.ends_at)

    def is_live(self, now: datetime) -> bool:
        return now < self.last_instant


def new_hold(now: datetime, seconds: int, starts_at: datetime) -> Hold:
    """A hold ends after `seconds`, and at the start of the visit at the latest."""
    return Hold(min(now + timedelta(seconds=seconds), starts_at))


def prolonged(hold: Hold, now: datetime, seconds: int, starts_at: datetime) -> Hold:
    """The hold when payment begins: once it is given at least `seconds` from now (rule W10).

    The same hold when it was prolonged before, or lasts as long anyway.
    """
    wanted = min(now + timedelta(seconds=seconds), starts_at)
    if hold.prolonged or wanted <= hold.ends_at:
        return hold
    return Hold(wanted, hold.processing_until, prolonged=True)


def hold_for_answer(now: datetime, hours: int, starts_at: datetime) -> Hold:
    """The slot of a paid visit is kept so long for its provider's answer, and to its start at the latest."""
    return Hold(min(now + timedelta(hours=hours), starts_at))


def payment_in_work(hold: Hold, now: datetime) -> Hold:
    """The slot is kept until the payment's outcome, at most PROCESSING_LIMIT from now."""
    return replace(hold, processing_until=now + PROCESSING_LIMIT)


def payment_out_of_work(hold: Hold) -> Hold:
    """No outcome that confirms: the hold goes on as it was."""
    return replace(hold, processing_until=None)
