"""A booking as it was at an instant, from its changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from services.booking.domain.booking import Booking


@dataclass(frozen=True, slots=True)
class PastChange:
    """One change: by whom, why and when; `note` is what a person wrote about it. `starts_at` and `staff_id`
    are the visit's after it, None when the release that made it did not keep them."""

    version: int
    from_state: str | None
    to_state: str
    actor: str
    actor_id: str | None
    reason: str
    note: str | None
    at: datetime
    starts_at: datetime | None
    staff_id: str | None


@dataclass(frozen=True, slots=True)
class PastBooking:
    """`booking` after the last of `changes`, which are all that were made by then.

    `not_known` are the members of which the release that made the change kept nothing; when it kept nothing
    at all, `booking` is None. The others that a history does not keep are those of today.
    """

    changes: tuple[PastChange, ...]
    booking: Booking | None
    not_known: tuple[str, ...] = ()


def changes_by(changes: Iterable[PastChange], instant: datetime) -> tuple[PastChange, ...]:
    """Those that had been made by then, of all in order of their versions.

    Whoever waited for another's change may have read the clock before it: what came after a change that was
    not made yet was not made yet either.
    """
    return tuple(takewhile(lambda change: change.at <= instant, changes))
