"""The states of a payment and the one rule of their order: forward by rank, never back (rule W2)."""

from enum import StrEnum


class PaymentKind(StrEnum):
    """What a payment is for: a booking, with the tip that is given then, or a tip after the visit alone."""

    BOOKING = "booking"
    TIP = "tip"


class State(StrEnum):
    """Where the money is. STRIPE's statuses map to these; a state is never left for a lower rank."""

    CREATED = "created"
    READY = "ready"
    CONFIRMING = "confirming"
    ACTION_REQUIRED = "action_required"
    PROCESSING = "processing"
    FAILED_RETRYABLE = "failed_retryable"
    AUTHORIZED = "authorized"
    FAILED = "failed"
    STANDIN_LOST = "standin_lost"
    CANCELLED = "cancelled"
    CAPTURED = "captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


RANK = {state: rank for rank, state in enumerate(State)}
"""Their order above. `confirming` is what we know without an answer, so all that Stripe says then is later.
`captured` is after `cancelled`: where Stripe says that money was taken, it was."""

DEAD = frozenset({State.FAILED, State.STANDIN_LOST, State.CANCELLED})
"""No money was or will be taken; another payment for the booking may begin."""

CAPTURED = frozenset({State.CAPTURED, State.PARTIALLY_REFUNDED, State.REFUNDED})
SECURED = CAPTURED | {State.AUTHORIZED}
"""The customer's part is done."""

SETTLED = DEAD | SECURED
"""Nothing more happens without a request of ours."""


def later(current: State, observed: State) -> State:
    """The state after an observation: the one with the higher rank.

    Taking the maximum makes any order of the same observations end in the same state.
    """
    return observed if RANK[observed] > RANK[current] else current
