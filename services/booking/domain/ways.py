"""How much of the time around a home visit is the way to it and from it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from services.booking.domain.local_time import Interval

FARTHEST = timedelta(hours=4)
"""No way counts for more: whoever has as long between two visits is asked nothing."""


class Way(NamedTuple):
    """Seconds that are kept free before and after a visit with its buffers, to come and to go."""

    before: int = 0
    after: int = 0


NO_WAY = Way()


def reaching(blocked: Interval, ways: Iterable[Way]) -> Interval:
    """All that a visit may block, whoever of these does it."""
    every = [NO_WAY, *ways]
    before, after = max(way.before for way in every), max(way.after for way in every)
    return blocked.widened(timedelta(seconds=before), timedelta(seconds=after))
