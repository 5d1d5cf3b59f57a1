"""The time of this process: token expiry, deadlines, limits, log stamps, UUIDv7.

What a booking or payment decides by is the database's `app_now()`, read once per command.
"""

import functools
import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never goes back; for deadlines and durations only."""
    return time.monotonic()


def to_text(instant: datetime) -> str:
    """An instant as ISO 8601 in UTC with microseconds and a trailing Z.

    Raises ValueError for a naive datetime.
    """
    if instant.tzinfo is UTC:
        return _utc_text(instant)
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return _utc_text(instant.astimezone(UTC))


# The same starts are listed time and again. Only in UTC: elsewhere two instants of a repeated hour are equal.
@functools.lru_cache(maxsize=2048)
def _utc_text(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """Read an ISO 8601 instant with any offset; the answer is in UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is UTC:
        return instant
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("an instant before year 1 or after year 9999 in UTC") from None
