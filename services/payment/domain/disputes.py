"""Disputes of a charge: how far one is, what it takes from whom, and other warnings about a payment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.payment.domain.refunds import RefundParts, with_commission
from services.payment.domain.split import Split
from shared.money import Money


class DisputeStatus(StrEnum):
    """Stripe's words. `warning_*`: the bank asks, and has taken nothing yet."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    PREVENTED = "prevented"
    WON = "won"
    LOST = "lost"


RANK = {status: rank for rank, status in enumerate(DisputeStatus)}
"""Their order above: a question may become a dispute, also after it was closed."""

CLOSED = frozenset(
    {DisputeStatus.WARNING_CLOSED, DisputeStatus.PREVENTED, DisputeStatus.WON, DisputeStatus.LOST}
)
OPEN = frozenset(DisputeStatus) - CLOSED
AWAITING_EVIDENCE = frozenset({DisputeStatus.WARNING_NEEDS_RESPONSE, DisputeStatus.NEEDS_RESPONSE})


class HoldKind(StrEnum):
    """Why a payout waits although no bank disputes: the card's network warns of fraud, Stripe has asked for
    somebody to look, or the customer contests that they missed the visit."""

    EARLY_FRAUD_WARNING = "early_fraud_warning"
    REVIEW = "review"
    CONTEST = "contest"


@dataclass(frozen=True)
class DisputeMovement:
    """One movement of money between Stripe and the bank about a dispute. `taken` is above zero when the
    bank took it, below when it gave it back. `fee` is Stripe's own for it, in the currency of our balance."""

    id: str
    taken: Money
    fee: Money


@dataclass(frozen=True)
class DisputeObservation:
    """A dispute as Stripe has it now."""

    id: str
    intent_id: str | None
    charge_id: str
    amount: Money
    reason: str
    status: DisputeStatus
    is_charge_refundable: bool
    evidence_due_by: datetime | None
    has_evidence: bool
    submissions: int
    opened_at: datetime
    movements: tuple[DisputeMovement, ...]


@dataclass(frozen=True)
class HoldObservation:
    """A warning or a review as Stripe has it now, or a contest as booking told it. `is_open`: what it says
    still asks for something."""

    id: str
    kind: HoldKind
    reason: str
    is_open: bool
    opened_at: datetime


@dataclass(frozen=True)
class TransferOrder:
    """The provider's part of a dispute: taken from the provider's account, or given back to it."""

    dispute_id: str
    payment_id: str
    booking_id: str
    destination: str
    amount: Money


@dataclass(frozen=True)
class Loss:
    """What a dispute takes: `parts` of the payment, and what is more than was left of it."""

    parts: RefundParts
    excess: Money

    @property
    def total(self) -> Money:
        return self.parts.total + self.excess


def later(current: DisputeStatus, observed: DisputeStatus) -> DisputeStatus:
    """The status after an observation: the one with the higher rank, so their order does not matter."""
    return observed if RANK[observed] > RANK[current] else current


def loss_of(split: Split, so_far: RefundParts, amount: Money) -> Loss:
    """Share a disputed amount out: from the service first, then from the tip, as refunds are.

    `so_far` is all that went back, is owed or was lost before. The commission's part is cumulative
    (rule M9), and may be a unit below zero where refunds that were owed are owed no more. What is
    more than was left is the platform's own loss.
    """
    service = Money(min(amount.amount, (split.service - so_far.service).amount), amount.currency)
    tip = Money(min((amount - service).amount, (split.tip - so_far.tip).amount), amount.currency)
    return Loss(with_commission(split, so_far, service, tip), amount - service - tip)


def still_owed(owed: RefundParts, loss: Money) -> tuple[Money, Money]:
    """What of an owed service and tip part is left when the bank gave the customer `loss`, service first."""
    service = Money(max(owed.service.amount - loss.amount, 0), loss.currency)
    given = loss - (owed.service - service)
    return service, Money(max(owed.tip.amount - given.amount, 0), loss.currency)
