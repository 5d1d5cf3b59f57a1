"""Moving an agreed visit to another time: what may be moved, what changes, what is due back (rules C8 and
B2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from services.booking.domain.booking import Booking
from services.booking.domain.local_time import Interval
from services.booking.domain.occupancy import Busy, Occupancy, Session
from services.booking.domain.quotes import Quote
from services.booking.domain.reasons import Start
from services.booking.domain.series import kept_as_before, waits_for_payment
from services.booking.domain.spans import Span
from services.booking.domain.states import Actor, Change, State
from shared.money import Money

Entry = TypeVar("Entry")


class MoveRefusedError(Exception):
    """This booking can't be moved by its customer, or not any more."""


class TooManyMovesError(MoveRefusedError):
    """It was moved as often as its policy lets it be."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a move means: the price of today, what of the agreed one is due back by it or what it costs more,
    and the notice that counts from then on."""

    quote: Quote
    due: Money
    more: Money
    least_notice: timedelta
    refund_percent: int
    moves_left: int


def check_movable(booking: Booking, change: Change, is_kept: bool = False) -> None:
    """Raises MoveRefusedError unless its customer may move it now: agreed, or held unpaid in a series
    of which another visit is paid (`is_kept`), and before its start.

    What else is held and unpaid is held anew instead; what waits for an answer is not agreed yet.
    """
    is_to_be_paid = is_kept and waits_for_payment(booking) and booking.is_held(change.at)
    if not (booking.state is State.CONFIRMED or is_to_be_paid) or change.actor is not Actor.CUSTOMER:
        raise MoveRefusedError(booking.state)
    if change.at >= booking.visit.start:
        raise MoveRefusedError("the visit has begun")
    if booking.moves >= booking.quote.policy.most_moves:
        raise TooManyMovesError(booking.moves)


def terms_of(booking: Booking, start: datetime, today: Quote, now: datetime) -> Terms:
    """The agreed price becomes today's; the refund policy stays as it was frozen. Of what is not paid nothing
    is due back.

    `least_notice`: cancelling later counts the notice that there was at any move, so that no move makes it
    cheaper (rule B2). `refund_percent`: of the service, when it is cancelled right after.
    """
    agreed = booking.quote
    is_comparable = today.total.currency == agreed.total.currency
    is_other = is_comparable and today.total != agreed.total
    quote = replace(agreed, lines=today.lines, total=today.total) if is_other else agreed
    nothing, less = Money(0, agreed.total.currency), agreed.total - quote.total
    least = booking.notice(now)
    return Terms(
        quote=quote,
        due=less if less.amount > 0 and booking.payment is not None else nothing,
        more=quote.total - agreed.total if less.amount < 0 else nothing,
        least_notice=least,
        refund_percent=agreed.policy.tier(min(least, start - now)).percent,
        moves_left=agreed.policy.most_moves - booking.moves - 1,
    )


def visit_then(start: Start) -> Interval:
    """When the visit would be: a session that it joins is as long as it was when it was opened."""
    ends = start.sessions[0].end if start.sessions else None
    return start.visit if ends is None else Interval(start.visit.start, datetime.fromtimestamp(ends, UTC))


def move(booking: Booking, start: Start, zone: str, terms: Terms, change: Change) -> Booking:
    """The same booking at another time, by those who did it; whoever takes the slot says who will do it. Call
    it after `check_movable`. One that is not paid is held until its new time to be paid."""
    return replace(
        booking,
        version=booking.version + 1,
        visit=start.visit,
        blocked=start.blocked,
        start=start.start,
        time_zone=zone,
        quote=terms.quote,
        moves=booking.moves + 1,
        least_notice=terms.least_notice,
        reduction=terms.due if booking.reduction is None else booking.reduction + terms.due,
        session_id=None,
        seats=None,
        hold=kept_as_before(booking.hold, change.at, start.visit.start),
    )


def are_comparable(replaced: Booking, draft: Booking) -> bool:
    """Whether one can say which costs more. Of prices in two currencies nobody can, and none takes the place
    of the other; moving keeps the price that was agreed."""
    return replaced.quote.total.currency == draft.quote.total.currency


def costs_more(replaced: Booking, draft: Booking) -> bool:
    """Whether the draft's price is above the agreed one, of two that are comparable."""
    return (draft.quote.total - replaced.quote.total).amount > 0


def in_place_of(replaced: Booking, draft: Booking, change: Change) -> Booking:
    """A visit at a time that costs more: `replaced` stands until that is paid, and is given up for it then.

    It is a move of that one: not asked for again, counted, under the same refund policy (rule B4), and no
    cheaper to cancel (rule B2); to be paid before that one begins. Raises MoveRefusedError.
    """
    check_movable(replaced, change)
    if draft.hold is None:
        raise ValueError("a draft is held")
    return replace(
        draft,
        replaces_id=replaced.booking_id,
        quote=replace(draft.quote, policy=replaced.quote.policy),
        answer_hours=None,
        moves=replaced.moves + 1,
        least_notice=replaced.notice(change.at),
        hold=replace(draft.hold, ends_at=min(draft.hold.ends_at, replaced.visit.start)),
    )


def given_up_for(replaced: Booking, replacement: Booking, now: datetime) -> Booking:
    """The replacement when the other is given up for it: it has the other's place in a series, and cancelling
    it counts the notice of this moment at most (rule B2)."""
    least = min(replacement.notice(now), replaced.notice(now))
    return replace(replacement, series_id=replaced.series_id, least_notice=least)


def gives_way(replaced: Booking | None, replacement: Booking, now: datetime) -> bool:
    """Whether it is still there to be given up: agreed, not begun, and not moved since."""
    return (
        replaced is not None
        and replaced.state is State.CONFIRMED
        and now < replaced.visit.start
        and replaced.moves + 1 == replacement.moves
    )


def without(occupancy: Occupancy, booking: Booking) -> Occupancy:
    """What is occupied when this booking is left out: its own time is in nobody's way when it is moved."""
    shared = [one for one in occupancy.sessions if one.session_id == booking.session_id and one.taken > 1]
    blocked, (start, _) = booking.blocked.span, booking.visit.span
    busy = {
        resource_id: _less(entries, lambda entry: _without_way(entry) == blocked)
        if resource_id in booking.resource_ids
        else entries
        for resource_id, entries in occupancy.busy.items()
    }
    if shared:
        sessions = tuple(_left(one, booking) for one in occupancy.sessions)
        return replace(occupancy, busy=busy, sessions=sessions)
    return Occupancy(
        busy,
        tuple(one for one in occupancy.sessions if one.session_id != booking.session_id),
        {
            staff_id: _less(starts, lambda one: one == start) if staff_id in booking.resource_ids else starts
            for staff_id, starts in occupancy.visits.items()
        },
        _less(occupancy.service_visits, lambda one: one == start),
    )


def _without_way(entry: Busy | Span) -> Span:
    busy = Busy(*entry)
    return busy.start + busy.travel_before, busy.end - busy.travel_after


def _left(session: Session, booking: Booking) -> Session:
    is_own = session.session_id == booking.session_id
    return replace(session, taken=session.taken - 1) if is_own else session


def _less(entries: Sequence[Entry], is_own: Callable[[Entry], bool]) -> list[Entry]:
    """Without the first that is the booking's own: of a session each customer has one."""
    found = next((number for number, entry in enumerate(entries) if is_own(entry)), None)
    return [entry for number, entry in enumerate(entries) if number != found]
