"""What may go back to the customer, what of the commission goes back with it, and a refund's way."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.payment.domain.split import Split
from shared.money import Money, round_to_step


class RefundStatus(StrEnum):
    """`due`: owed. `claimed`: a request is or was on its way. `blocked`: the account that has
    the money can't give it, and an administrator decides. `covered`: a card's bank gave the customer
    the money, so that it is owed no more. The rest is the payment provider's word."""

    DUE = "due"
    CLAIMED = "claimed"
    BLOCKED = "blocked"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    COVERED = "covered"


RANK = {status: rank for rank, status in enumerate(RefundStatus)}
"""Their order above; `failed` is after `succeeded`, since a refund can fail after that. Nothing follows
`covered`."""

UNSENT = frozenset({RefundStatus.DUE, RefundStatus.CLAIMED})
"""A job sends it."""
STOPPED = frozenset({RefundStatus.BLOCKED, RefundStatus.FAILED})
"""Goes on by a person's decision only."""
COVERABLE = STOPPED | {RefundStatus.DUE}
"""Owed, and nothing of it is on its way."""
OWED = frozenset(RefundStatus) - {RefundStatus.COVERED}
"""Went back, is on its way, or is still to go."""
ACCEPTED = frozenset({RefundStatus.PENDING, RefundStatus.SUCCEEDED})
"""The money has left the platform's balance."""

RESCHEDULED = "rescheduled"
"""The cause of what goes back because a moved visit costs less; with the move's version it is the key."""

ON_ITS_WAY = frozenset({RefundStatus.CLAIMED, RefundStatus.PENDING})
"""The provider knows more than we do, or soon will."""


@dataclass(frozen=True)
class RefundParts:
    """A refund, or a sum of refunds: its service part, its tip part, and the commission given back."""

    service: Money
    tip: Money
    commission: Money

    @property
    def total(self) -> Money:
        return self.service + self.tip

    @property
    def borne_by_provider(self) -> Money:
        """What the provider gives of it; the platform gives its commission."""
        return self.total - self.commission

    def __add__(self, other: "RefundParts") -> "RefundParts":
        return RefundParts(
            self.service + other.service, self.tip + other.tip, self.commission + other.commission
        )

    def __sub__(self, other: "RefundParts") -> "RefundParts":
        return RefundParts(
            self.service - other.service, self.tip - other.tip, self.commission - other.commission
        )


@dataclass(frozen=True)
class RefundObservation:
    """A refund as the provider sees it. `our_id` and `attempt` are what we wrote into it, if anything.

    `amount` is the provider's number, `currency` its lower-case code.
    """

    provider_refund_id: str
    status: RefundStatus
    amount: int
    currency: str
    our_id: str | None
    attempt: int | None
    failure_code: str | None


@dataclass(frozen=True)
class FeeObservation:
    """The platform's commission as the provider holds it; amounts are the provider's numbers."""

    amount: int
    returned: int
    currency: str


def sum_of(parts: Iterable[RefundParts], currency: str) -> RefundParts:
    """All parts together; nothing is zero."""
    nothing = Money(0, currency)
    return sum(parts, RefundParts(nothing, nothing, nothing))


def later(current: RefundStatus, observed: RefundStatus) -> RefundStatus:
    """The status after an observation: the one with the higher rank, so their order does not matter."""
    return observed if RANK[observed] > RANK[current] else current


def is_refundable(split: Split, so_far: RefundParts, service: Money, tip: Money) -> bool:
    """Whether these parts are still there, beside all that went back or is on its way (rule M11)."""
    if service.amount < 0 or tip.amount < 0 or service.amount + tip.amount == 0:
        return False
    return (
        so_far.service.amount + service.amount <= split.service.amount
        and so_far.tip.amount + tip.amount <= split.tip.amount
    )


def with_commission(split: Split, so_far: RefundParts, service: Money, tip: Money) -> RefundParts:
    """A further refund with the commission that goes back with it, cumulatively (rule M9).

    Given back so far = round(commission x service part refunded so far / service part charged), so
    that the last part always returns exactly what is left. A tip carries no commission.
    """
    refunded = so_far.service + service
    return RefundParts(service, tip, commission_back(split, refunded) - so_far.commission)


def commission_back(split: Split, refunded: Money) -> Money:
    """What of the commission has gone back once so much of the service part has."""
    if split.service.amount == 0:
        return Money(0, refunded.currency)
    exact = Decimal(split.commission.amount) * refunded.amount / split.service.amount
    return Money(round_to_step(exact, refunded.currency), refunded.currency)
