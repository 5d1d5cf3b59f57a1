"""The states of a booking and the ways between them (promise C4, rule B5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Spelled as on the wire."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXPIRED = "expired"


class Actor(StrEnum):
    """Who may cause a change. `payment`: a fact that the payment service reported."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ADMIN = "admin"
    PAYMENT = "payment"
    SYSTEM = "system"


class PendingFor(StrEnum):
    """What a pending booking waits for: its hold ends with payment's time, or with the answer's."""

    PAYMENT = "payment"
    PROVIDER = "provider"


class Reason(StrEnum):
    """Why a booking changed, as its history says it."""

    HELD = "held"
    HOLD_PROLONGED = "hold_prolonged"
    HOLD_ENDED = "hold_ended"
    PAYMENT_PROCESSING = "payment_processing"
    PAYMENT_ENDED = "payment_ended"
    PAID = "paid"
    PAID_LATE = "paid_late"
    SERIES_PAID = "series_paid"
    """One visit of the same series is paid: this one is kept until its own time to be paid."""
    SERIES_UNPAID = "series_unpaid"
    """No visit of the same series is paid any more: this one is kept like any that is held."""
    PAYMENT_DUE = "payment_due"
    """Its customer is told by when it must be paid."""
    PAID_AFTER_CANCELLATION = "paid_after_cancellation"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    RESCHEDULED = "rescheduled"
    REPLACED = "replaced"
    """Another visit was paid in its place."""
    NOT_REPLACED = "not_replaced"
    """The visit that it was to replace is not there to be given up any more."""
    CUSTOMER_CANCELLED = "customer_cancelled"
    PROVIDER_CANCELLED = "provider_cancelled"
    STARTED = "started"
    COMPLETED = "completed"
    NOTES_CHANGED = "notes_changed"
    NOBODY_OBJECTED = "nobody_objected"
    NOBODY_CAME = "nobody_came"
    NO_SHOW_CONTESTED = "no_show_contested"
    NO_SHOW_STANDS = "no_show_stands"
    NO_SHOW_OVERTURNED = "no_show_overturned"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes a booking, why and when (`at` is the command's app_now).

    `note` is what a person wrote about it.
    """

    actor: Actor
    actor_id: str | None
    reason: Reason
    at: datetime
    note: str | None = None


class TransitionRefusedError(Exception):
    """There is no way from the one state to the other, or not for this actor."""

    def __init__(self, current: State, target: State) -> None:
        super().__init__(f"no way from {current} to {target}")
        self.current = current
        self.target = target


_PEOPLE = frozenset({Actor.CUSTOMER, Actor.PROVIDER, Actor.ADMIN})
_STAFF = frozenset({Actor.PROVIDER, Actor.ADMIN})
_MACHINES = frozenset({Actor.SYSTEM, Actor.PAYMENT})

TRANSITIONS: dict[tuple[State, State], frozenset[Actor]] = {
    (State.PENDING, State.CONFIRMED): frozenset({Actor.PAYMENT, *_STAFF}),
    # The system: nobody has answered in time.
    (State.PENDING, State.CANCELLED): _PEOPLE | {Actor.SYSTEM},
    (State.PENDING, State.EXPIRED): frozenset({Actor.SYSTEM}),
    (State.CONFIRMED, State.IN_PROGRESS): _STAFF,
    (State.CONFIRMED, State.CANCELLED): _PEOPLE,
    (State.CONFIRMED, State.NO_SHOW): _STAFF,
    (State.IN_PROGRESS, State.COMPLETED): frozenset({Actor.SYSTEM, *_STAFF}),
    # The customer has contested it, and an administrator says that they were there.
    (State.NO_SHOW, State.CANCELLED): frozenset({Actor.ADMIN}),
    # Nobody said that it has begun, and it is over.
    (State.CONFIRMED, State.COMPLETED): frozenset({Actor.SYSTEM, *_STAFF}),
    # Late payment: the slot is taken again, for an answer where one is needed, or it is gone.
    (State.EXPIRED, State.PENDING): _MACHINES,
    (State.EXPIRED, State.CONFIRMED): _MACHINES,
    (State.EXPIRED, State.CANCELLED): _MACHINES,
}
"""Every way that there is, and who may take it. There is no other."""

OCCUPYING = frozenset({State.PENDING, State.CONFIRMED, State.IN_PROGRESS})
"""In these states a booking blocks its resource: it has allocation rows exactly then."""


def check_transition(current: State, target: State, change: Change) -> None:
    """Raises TransitionRefusedError unless the table has this way for this actor."""
    if change.actor not in TRANSITIONS.get((current, target), frozenset()):
        raise TransitionRefusedError(current, target)
