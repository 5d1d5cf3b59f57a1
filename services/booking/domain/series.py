"""A series of visits: what became of each instance, and how long an unpaid one is kept (rule T17)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from services.booking.domain.booking import Booking, change_hold
from services.booking.domain.holds import Hold
from services.booking.domain.local_time import LocalClock, LocalInstant
from services.booking.domain.reasons import Explanation, Request
from services.booking.domain.rules import Rule
from services.booking.domain.states import PendingFor, State

PAID_BEFORE = timedelta(hours=72)
"""Once one visit of a series is paid, each of the others is to be paid so long before it."""
TIME_TO_PAY = timedelta(minutes=15)

TOLD_BEFORE = timedelta(hours=24)
"""So long before the end of its hold the customer is told that a visit of a kept series is not paid."""

_TAKEN = frozenset(
    {
        Rule.DAY_CAP,
        Rule.WEEK_CAP,
        Rule.SESSION_FULL,
        Rule.BUSY,
        Rule.HELD,
        Rule.BUFFER,
        Rule.RESOURCE_BUSY,
    }
)


class Prospect(StrEnum):
    """What would become of an instance if the series were booked now."""

    FREE = "free"
    CONFLICT = "conflict"
    CLOSED = "closed"
    PAST = "past"
    TOO_FAR = "too_far"
    TIME_DOES_NOT_EXIST = "time_does_not_exist"


class Outcome(StrEnum):
    """What became of an instance; `open`: its turn has not come yet."""

    OPEN = "open"
    BOOKED = "booked"
    SKIPPED = "skipped"
    REFUSED = "refused"


class Scope(StrEnum):
    """Which visits of a series a change concerns, counted from one of them."""

    ONE = "one"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Instance:
    """The visit that the rule asks for on `day`; `wanted` is what the customer takes instead, or the same."""

    position: int
    day: date
    wanted: Request
    outcome: Outcome
    code: str | None = None
    booking_id: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """What a customer asked for; `asks`: of every visit, besides its time. `kept_at`: since when one of its
    visits is paid."""

    series_id: str
    customer_id: str
    provider_id: str
    service_id: str
    asks: Mapping[str, Any]
    rule: str
    first_day: date
    start_time: time
    created_at: datetime
    held_from: str | None = None
    kept_at: datetime | None = None


def prospect_of(found: Explanation) -> Prospect:
    """What the rules that remove a start come to for the customer: never moved silently (rule T1)."""
    rules = {removal.rule for removal in found.removals}
    if not rules:
        return Prospect.FREE
    if Rule.TIME_DOES_NOT_EXIST in rules:
        return Prospect.TIME_DOES_NOT_EXIST
    if Rule.BEYOND_WINDOW in rules:
        return Prospect.TOO_FAR
    if Rule.PAST in rules:
        return Prospect.PAST
    return Prospect.CONFLICT if rules <= _TAKEN else Prospect.CLOSED


def next_existing(clock: LocalClock, request: Request) -> LocalInstant | None:
    """The first minute after a time that the clocks skip; None: it is farther than a day away."""
    local = datetime.combine(request.day, request.time)
    for minutes in range(1, 24 * 60 + 1):
        found = clock.instants(local + timedelta(minutes=minutes))
        if found:
            return found[0]
    return None


def kept_hold(now: datetime, starts_at: datetime) -> Hold:
    """Until 72 hours before the visit; where that is near, long enough to pay; to its start at the latest."""
    return Hold(min(max(starts_at - PAID_BEFORE, now + TIME_TO_PAY), starts_at))


def kept(booking: Booking, now: datetime, is_in_work: bool) -> Booking:
    """Held to its own time to be paid, against nobody's bound; only its own payment in work keeps the slot
    longer, that of another visit did until now."""
    as_before = kept_as_before(booking.hold, now, booking.visit.start) if is_in_work else None
    hold = as_before or kept_hold(now, booking.visit.start)
    return replace(change_hold(booking, hold), held_from=None)


def kept_as_before(hold: Hold | None, now: datetime, starts_at: datetime) -> Hold | None:
    """The hold of an unpaid visit that starts then; a payment in work keeps the slot as before."""
    return (
        None if hold is None else replace(kept_hold(now, starts_at), processing_until=hold.processing_until)
    )


def as_long_as(hold: Hold, starts_at: datetime) -> Hold:
    """The hold of one visit of a series for another: they end together until one is paid."""
    return Hold(min(hold.ends_at, starts_at), hold.processing_until, hold.prolonged)


def waits_for_payment(booking: Booking) -> bool:
    """Held with its series until it is paid."""
    return booking.state is State.PENDING and booking.pending_for is not PendingFor.PROVIDER


def concerned(instances: list[Instance], scope: Scope, position: int | None) -> list[Instance]:
    """Those that a change of one, of this and the following, or of all is about."""
    if scope is Scope.ALL:
        return instances
    if scope is Scope.ONE:
        return [one for one in instances if one.position == position]
    return [one for one in instances if position is not None and one.position >= position]
