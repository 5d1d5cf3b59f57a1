"""What each fact of a payment moves between accounts: double entries that always sum to zero."""

from dataclasses import dataclass
from enum import StrEnum

from services.payment.domain.refunds import RefundParts
from services.payment.domain.split import Split
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


STRIPE_CLEARING = "stripe_clearing"
CUSTOMER_FUNDS = "customer_funds"
PLATFORM_COMMISSION = "platform_commission"
REFUNDS_PAYABLE = "refunds_payable"
PROVIDER_PAYABLE = "provider_payable"


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


def provider_account(provider_id: str) -> str:
    """The account of what is owed to one provider."""
    return f"{PROVIDER_PAYABLE}:{provider_id}"


def captured(split: Split, charge_id: str | None) -> Posting:
    """The customer's money is at Stripe; whose it is, the next two say."""
    moves = _moves(STRIPE_CLEARING, CUSTOMER_FUNDS, split.total)
    return Posting(PostingKind.CAPTURED, PostingKind.CAPTURED.value, moves, split.total.currency, charge_id)


def commission(split: Split) -> Posting:
    """The platform's part of the customer's money."""
    moves = _moves(CUSTOMER_FUNDS, PLATFORM_COMMISSION, split.commission)
    return Posting(PostingKind.COMMISSION, PostingKind.COMMISSION.value, moves, split.total.currency)


def provider_share(split: Split, provider_id: str) -> Posting:
    """The provider's part: the rest, with the whole tip."""
    moves = _moves(CUSTOMER_FUNDS, provider_account(provider_id), split.provider)
    return Posting(PostingKind.PROVIDER_SHARE, PostingKind.PROVIDER_SHARE.value, moves, split.total.currency)


def refund_owed(parts: RefundParts, refund_id: str, provider_id: str) -> Posting:
    """The customer is owed money back, out of the provider's part, from the moment it is due."""
    moves = _moves(provider_account(provider_id), REFUNDS_PAYABLE, parts.total)
    return _of_refund(PostingKind.REFUND_OWED, refund_id, moves, parts)


def commission_returned(parts: RefundParts, refund_id: str, provider_id: str) -> Posting:
    """The platform gives the provider its commission on what went back (rule M9)."""
    moves = _moves(PLATFORM_COMMISSION, provider_account(provider_id), parts.commission)
    return _of_refund(PostingKind.COMMISSION_RETURNED, refund_id, moves, parts)


def refund_sent(parts: RefundParts, refund_id: str, attempt: int, reference: str) -> Posting:
    """Stripe has taken the refund on: it is owed no more."""
    moves = _moves(REFUNDS_PAYABLE, STRIPE_CLEARING, parts.total)
    return _of_refund(PostingKind.REFUND_SENT, f"{refund_id}:{attempt}", moves, parts, reference)


def refund_put_back(parts: RefundParts, refund_id: str, attempt: int, reference: str) -> Posting:
    """The refund failed: the money is back at Stripe, and owed again (rule M12)."""
    moves = _moves(STRIPE_CLEARING, REFUNDS_PAYABLE, parts.total)
    return _of_refund(PostingKind.REFUND_PUT_BACK, f"{refund_id}:{attempt}", moves, parts, reference)


def _of_refund(
    kind: PostingKind,
    of: str,
    moves: tuple[tuple[str, int], ...],
    parts: RefundParts,
    reference: str | None = None,
) -> Posting:
    return Posting(kind, f"{kind.value}:{of}", moves, parts.total.currency, reference)


def _moves(debit: str, credit: str, money: Money) -> tuple[tuple[str, int], ...]:
    """No entry says zero: a free commission moves nothing."""
    return ((debit, money.amount), (credit, -money.amount)) if money.amount else ()
