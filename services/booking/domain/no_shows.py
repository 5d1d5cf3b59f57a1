"""A visit that its customer missed, by its provider's word, and what they may say about that (rule B6)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(minutes=15)
"""So long after the agreed start a customer is late, and not missing."""
CONTESTABLE = timedelta(hours=24)
"""So long a customer may say that they were there; the money waits at least as long."""
OVERTURNED_CAUSE = "no_show_overturned"
"""Why a booking was cancelled whose customer was there."""


class Contest(StrEnum):
    """Where a contest stands: not decided, or decided for either side."""

    OPEN = "open"
    STANDS = "stands"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class Missed:
    """Until when it may be contested, and where the contest stands; None: there is none."""

    contest_until: datetime
    contest: Contest | None = None

    def contested(self, now: datetime) -> "Missed":
        """Raises NotContestableError when it was contested before, or the time for it is over."""
        if self.contest is not None or now >= self.contest_until:
            raise NotContestableError
        return replace(self, contest=Contest.OPEN)

    def decided(self, outcome: Contest) -> "Missed":
        """Raises NotContestableError when there is nothing to decide."""
        if self.contest is not Contest.OPEN:
            raise NotContestableError
        return replace(self, contest=outcome)


class NotContestableError(Exception):
    """It can't be contested, or there is no open contest."""
