"""A booking and everything that may happen to it; each change makes the next version."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.booking.domain.holds import Hold, hold_for_answer
from services.booking.domain.local_time import Interval, LocalInstant
from services.booking.domain.no_shows import OVERTURNED_CAUSE, Missed
from services.booking.domain.quotes import Quote
from services.booking.domain.refunds import Paid, Refund
from services.booking.domain.states import (
    OCCUPYING,
    Change,
    PendingFor,
    Reason,
    State,
    TransitionRefusedError,
    check_transition,
)
from services.booking.domain.ways import Way
from shared.money import Money


class Place(StrEnum):
    """Where a visit takes place."""

    PROVIDER = "provider"
    CUSTOMER = "customer"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment that secured the money, and what of it is for the service and what is tip."""

    payment_id: str
    paid: Paid


@dataclass(frozen=True, slots=True)
class Booking:
    """One visit that was held. `start` is the local time that was agreed; `blocked` has the buffers.

    `hold` exists exactly while the booking is pending. `held_from` is a digest of the address
    that holds the slot. `further_ids`: people, rooms and equipment besides `staff_id`. `session_id`:
    the visit is shared by up to `seats` customers. `pending_for`: what it waits for, or waited for when
    it was cancelled. `answer_hours`: once it is paid, the provider has so long to accept it; None: it needs
    no answer. `moves`: so often was it moved to another time, `least_notice` is the least notice that
    there was at any of them, `reduction` what its price has fallen by them (rule B2). `replaces_id`: the
    visit that is given up for this one once it is paid. `missed`: its provider said that nobody came, and
    what became of that. `may_overlap`: its customer may have another visit then (rule C19). `ways`: of those
    who do it, the way that their time is taken for besides `blocked`; known while it is taken.
    """

    booking_id: str
    version: int
    state: State
    customer_id: str
    provider_id: str
    service_id: str
    staff_id: str
    service_name: Mapping[str, str]
    visit: Interval
    blocked: Interval
    time_zone: str
    start: LocalInstant
    quote: Quote
    created_at: datetime
    notes: str | None = None
    series_id: str | None = None
    waitlist_id: str | None = None
    place: Place = Place.PROVIDER
    further_ids: tuple[str, ...] = ()
    session_id: str | None = None
    seats: int | None = None
    pending_for: PendingFor | None = None
    hold: Hold | None = None
    held_from: str | None = None
    payment: Payment | None = None
    cancel_cause: str | None = None
    refund: Refund | None = None
    answer_hours: int | None = None
    moves: int = 0
    least_notice: timedelta | None = None
    reduction: Money | None = None
    replaces_id: str | None = None
    missed: Missed | None = None
    may_overlap: bool = False
    ways: Mapping[str, Way] = field(default_factory=dict)

    @property
    def resource_ids(self) -> tuple[str, ...]:
        """Everything that the visit occupies, in order."""
        return tuple(sorted((self.staff_id, *self.further_ids)))

    @property
    def occupies(self) -> bool:
        return self.state in OCCUPYING

    @property
    def paid(self) -> Paid:
        """What was paid for the visit as it is: nothing before the payment's success is known.

        What its price has fallen is due back apart from everything else, and is not in it.
        """
        nothing = Money(0, self.quote.total.currency)
        paid = self.payment.paid if self.payment else Paid(nothing, nothing)
        return paid if self.reduction is None else paid.less(Paid(self.reduction, nothing))

    def notice(self, now: datetime) -> timedelta:
        """So much before its start, and never more than there was when it was moved (rule B2)."""
        notice = self.visit.start - now
        return notice if self.least_notice is None else min(notice, self.least_notice)

    @property
    def awaits_answer(self) -> bool:
        """Paid, and its provider has not said yet whether the visit will take place."""
        return self.state is State.PENDING and self.pending_for is PendingFor.PROVIDER

    def is_held(self, now: datetime) -> bool:
        """Pending, and the hold has not ended."""
        return self.hold is not None and self.hold.is_live(now)


def confirm(booking: Booking, payment: Payment, change: Change) -> Booking:
    """The money is secured. From expired, the caller has taken the slot again.

    Where the provider is asked first, the visit waits for the answer, at most to its start (promise C9).
    """
    booking = replace(booking, reduction=_paid_above_price(booking, payment))
    if booking.answer_hours is None:
        return replace(_moved(booking, State.CONFIRMED, change), payment=payment)
    if booking.awaits_answer:
        raise TransitionRefusedError(booking.state, State.PENDING)
    if booking.state is not State.PENDING:
        check_transition(booking.state, State.PENDING, change)
    return replace(
        booking,
        version=booking.version + 1,
        state=State.PENDING,
        pending_for=PendingFor.PROVIDER,
        hold=hold_for_answer(change.at, booking.answer_hours, booking.visit.start),
        held_from=None,
        payment=payment,
    )


def accept(booking: Booking, change: Change) -> Booking:
    """Its provider says that the visit will take place. Raises TransitionRefusedError unless it waits for
    that."""
    if not booking.awaits_answer:
        raise TransitionRefusedError(booking.state, State.CONFIRMED)
    return _moved(booking, State.CONFIRMED, change)


def decline(booking: Booking, refund: Refund, change: Change) -> Booking:
    """Its provider says that it will not. Raises TransitionRefusedError unless it waits for the answer."""
    if not booking.awaits_answer:
        raise TransitionRefusedError(booking.state, State.CANCELLED)
    return cancel(booking, "declined", refund, change)


def leave_unanswered(booking: Booking, refund: Refund, change: Change) -> Booking:
    """Nobody has answered in time. Raises TransitionRefusedError unless it waits for the answer."""
    if not booking.awaits_answer:
        raise TransitionRefusedError(booking.state, State.CANCELLED)
    return cancel(booking, "unanswered", refund, change)


def expire(booking: Booking, change: Change) -> Booking:
    """The hold ended unpaid. Raises TransitionRefusedError for one that is paid: its money would be lost."""
    if booking.awaits_answer:
        raise TransitionRefusedError(booking.state, State.EXPIRED)
    return _moved(booking, State.EXPIRED, change)


def cancel(booking: Booking, cause: str, refund: Refund, change: Change) -> Booking:
    """The visit will not take place; `refund` is what is due."""
    cancelled = _moved(booking, State.CANCELLED, change)
    return replace(cancelled, pending_for=booking.pending_for, cancel_cause=cause, refund=refund)


def cancel_paid_late(booking: Booking, payment: Payment, refund: Refund, change: Change) -> Booking:
    """Paid when it can't take place any more: its slot is gone, or there is nothing that it replaces.
    Everything goes back."""
    cause = "not_replaced" if change.reason is Reason.NOT_REPLACED else "late_payment"
    return replace(cancel(booking, cause, refund, change), payment=payment)


def note_payment_after_cancellation(booking: Booking, payment: Payment, refund: Refund) -> Booking:
    """Money that came when the booking was cancelled already; `refund` is due now."""
    return replace(booking, version=booking.version + 1, payment=payment, refund=refund)


def start(booking: Booking, change: Change) -> Booking:
    """The visit has begun."""
    return _moved(booking, State.IN_PROGRESS, change)


def complete(booking: Booking, change: Change) -> Booking:
    """The visit took place; what it occupied is free."""
    return _moved(booking, State.COMPLETED, change)


def miss(booking: Booking, refund: Refund, contest_until: datetime, change: Change) -> Booking:
    """The customer was not there; `refund` is what is due all the same."""
    missed = _moved(booking, State.NO_SHOW, change)
    return replace(missed, refund=refund, missed=Missed(contest_until))


def contest(booking: Booking, missed: Missed) -> Booking:
    """The customer says that they were there, or what they said was decided against."""
    return replace(booking, version=booking.version + 1, missed=missed)


def overturn(booking: Booking, missed: Missed, refund: Refund, change: Change) -> Booking:
    """The customer was there: the visit failed through no fault of theirs."""
    return replace(cancel(booking, OVERTURNED_CAUSE, refund, change), missed=missed)


def change_hold(booking: Booking, hold: Hold) -> Booking:
    """The same pending booking with another end of its hold."""
    return replace(booking, version=booking.version + 1, hold=hold)


def note(booking: Booking) -> Booking:
    """The same booking, of which its history says that something was said."""
    return replace(booking, version=booking.version + 1)


def change_notes(booking: Booking, notes: str | None) -> Booking:
    """The same booking with another note of its customer."""
    return replace(booking, version=booking.version + 1, notes=notes)


def _paid_above_price(booking: Booking, payment: Payment) -> Money | None:
    """What a payment that was begun before its price fell by a move pays more: that is due back."""
    if booking.moves and payment.paid.service.amount > booking.quote.total.amount:
        return payment.paid.service - booking.quote.total
    return booking.reduction


def _moved(booking: Booking, target: State, change: Change) -> Booking:
    """Raises TransitionRefusedError when the table has no such way."""
    check_transition(booking.state, target, change)
    return replace(
        booking, version=booking.version + 1, state=target, pending_for=None, hold=None, held_from=None
    )
