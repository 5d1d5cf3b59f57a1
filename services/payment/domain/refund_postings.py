"""What a refund moves between accounts: owed, its commission returned, sent, put back when it failed."""

from services.payment.domain.chart_of_accounts import (
    PLATFORM_COMMISSION,
    PROVIDER_RECEIVABLE,
    REFUNDS_PAYABLE,
    STRIPE_CLEARING,
    of_provider,
)
from services.payment.domain.postings import Posting, PostingKind, between
from services.payment.domain.refunds import RefundParts


def refund_owed(parts: RefundParts, refund_id: str, share_account: str) -> Posting:
    """The customer is owed money back, out of the provider's part, from the moment it is due.

    `share_account`: the provider's account where that part stands now.
    """
    moves = between(share_account, REFUNDS_PAYABLE, parts.total)
    return _of_refund(PostingKind.REFUND_OWED, refund_id, moves, parts)


def commission_returned(parts: RefundParts, refund_id: str, share_account: str) -> Posting:
    """The platform gives the provider its commission on what went back (rule M9)."""
    moves = between(PLATFORM_COMMISSION, share_account, parts.commission)
    return _of_refund(PostingKind.COMMISSION_RETURNED, refund_id, moves, parts)


def refund_sent(
    parts: RefundParts, refund_id: str, attempt: int, reference: str, clearing: str = STRIPE_CLEARING
) -> Posting:
    """The payment provider has taken the refund on: it is owed no more."""
    moves = between(REFUNDS_PAYABLE, clearing, parts.total)
    return _of_refund(PostingKind.REFUND_SENT, f"{refund_id}:{attempt}", moves, parts, reference)


def refund_put_back(
    parts: RefundParts, refund_id: str, attempt: int, reference: str, clearing: str = STRIPE_CLEARING
) -> Posting:
    """The refund failed: the money is back where it was, and owed again (rule M12)."""
    moves = between(clearing, REFUNDS_PAYABLE, parts.total)
    return _of_refund(PostingKind.REFUND_PUT_BACK, f"{refund_id}:{attempt}", moves, parts, reference)


def receivable_booked(parts: RefundParts, refund_id: str, provider_id: str, share_account: str) -> Posting:
    """The platform gave the refund alone: the provider keeps what stands on `share_account`, and owes its
    part of the refund (rule M13). Moves nothing where the refund was taken from what is owed already."""
    receivable = of_provider(PROVIDER_RECEIVABLE, provider_id)
    moves = () if receivable == share_account else between(receivable, share_account, parts.borne_by_provider)
    return _of_refund(PostingKind.RECEIVABLE_BOOKED, refund_id, moves, parts)


def _of_refund(
    kind: PostingKind,
    of: str,
    moves: tuple[tuple[str, int], ...],
    parts: RefundParts,
    reference: str | None = None,
) -> Posting:
    return Posting(kind, f"{kind.value}:{of}", moves, parts.total.currency, reference)
