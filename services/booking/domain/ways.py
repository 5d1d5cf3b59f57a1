"""How much of the time around a home visit is the way to it and from it."""

from datetime import timedelta
from typing import NamedTuple

FARTHEST = timedelta(hours=4)
"""No way counts for more: whoever has as long between two visits is asked nothing."""


class Way(NamedTuple):
    """Seconds that are kept free before and after a visit with its buffers, to come and to go."""

    before: int = 0
    after: int = 0


NO_WAY = Way()
