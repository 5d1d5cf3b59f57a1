"""What one balanced transaction of the ledger is, and why money moves at all."""

from dataclasses import dataclass
from enum import StrEnum

from shared.money import Money


class PostingKind(StrEnum):
    """Why money moved; written to `ledger_transaction.kind`."""

    CAPTURED = "captured"
    COMMISSION = "commission"
    PROVIDER_SHARE = "provider_share"
    REFUND_OWED = "refund_owed"
    COMMISSION_RETURNED = "commission_returned"
    REFUND_SENT = "refund_sent"
    REFUND_PUT_BACK = "refund_put_back"
    SHARE_RELEASED = "share_released"
    PAYOUT_SENT = "payout_sent"
    PAYOUT_PAID = "payout_paid"
    PAYOUT_PUT_BACK = "payout_put_back"
    RECEIVABLE_BOOKED = "receivable_booked"
    RECEIVABLE_NETTED = "receivable_netted"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_REINSTATED = "dispute_reinstated"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_FEE = "dispute_fee"
    REFUND_COVERED = "refund_covered"
    STRIPE_FEE = "stripe_fee"
    ROUNDING_DIFFERENCE = "rounding_difference"


@dataclass(frozen=True)
class Posting:
    """One balanced transaction. `moves` are (account, amount): a debit is positive, a credit negative.

    `fact` is unique within a payment, so the same fact is posted once. `reference` is the provider's
    object that proves it.
    """

    kind: PostingKind
    fact: str
    moves: tuple[tuple[str, int], ...]
    currency: str
    reference: str | None = None

    def __post_init__(self) -> None:
        if sum(amount for _, amount in self.moves) != 0:
            raise ValueError(f"the entries of {self.fact} do not sum to zero")


def between(debit: str, credit: str, money: Money) -> tuple[tuple[str, int], ...]:
    """The two entries that move `money`. No entry says zero: a free commission moves nothing."""
    return ((debit, money.amount), (credit, -money.amount)) if money.amount else ()
