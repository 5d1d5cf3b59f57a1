"""What a dispute moves between accounts: taken by the bank, given back, or lost; and Stripe's fee for it."""

from services.payment.domain.chart_of_accounts import (
    DISPUTE_COSTS,
    DISPUTED_FUNDS,
    PLATFORM_COMMISSION,
    REFUNDS_PAYABLE,
    STRIPE_CLEARING,
)
from services.payment.domain.disputes import DisputeMovement, Loss
from services.payment.domain.postings import Posting, PostingKind, between
from services.payment.domain.refunds import RefundParts
from shared.money import Money


def dispute_withdrawn(movement: DisputeMovement) -> Posting:
    """The bank took the money; whose loss it is, is not decided."""
    moves = between(DISPUTED_FUNDS, STRIPE_CLEARING, movement.taken)
    return _of_dispute(PostingKind.DISPUTE_WITHDRAWN, movement.id, moves, movement.taken.currency)


def dispute_reinstated(movement: DisputeMovement) -> Posting:
    """The bank gave it back. `taken` is below zero."""
    given = Money(-movement.taken.amount, movement.taken.currency)
    moves = between(STRIPE_CLEARING, DISPUTED_FUNDS, given)
    return _of_dispute(PostingKind.DISPUTE_REINSTATED, movement.id, moves, given.currency)


def dispute_fee(movement: DisputeMovement) -> Posting:
    """Stripe's fee is the platform's, or comes back to it; never the provider's."""
    moves = between(DISPUTE_COSTS, STRIPE_CLEARING, movement.fee)
    return _of_dispute(PostingKind.DISPUTE_FEE, movement.id, moves, movement.fee.currency)


def dispute_lost(loss: Loss, dispute_id: str, share_account: str) -> Posting:
    """The bank keeps it: out of the provider's part, with the commission on it, as if it were refunded.

    `share_account`: the provider's account where that part stands now.
    """
    amounts = (
        (share_account, loss.parts.borne_by_provider.amount),
        (PLATFORM_COMMISSION, loss.parts.commission.amount),
        (DISPUTE_COSTS, loss.excess.amount),
        (DISPUTED_FUNDS, -loss.total.amount),
    )
    moves = tuple((account, amount) for account, amount in amounts if amount)
    return _of_dispute(PostingKind.DISPUTE_LOST, dispute_id, moves, loss.total.currency)


def refund_covered(parts: RefundParts, refund_id: str, share_account: str) -> Posting:
    """A refund that was owed is owed no more: the bank gave the customer the money."""
    amounts = (
        (REFUNDS_PAYABLE, parts.total.amount),
        (share_account, -parts.borne_by_provider.amount),
        (PLATFORM_COMMISSION, -parts.commission.amount),
    )
    moves = tuple((account, amount) for account, amount in amounts if amount)
    kind = PostingKind.REFUND_COVERED
    return Posting(kind, f"{kind.value}:{refund_id}", moves, parts.total.currency)


def _of_dispute(kind: PostingKind, of: str, moves: tuple[tuple[str, int], ...], currency: str) -> Posting:
    return Posting(kind, f"{kind.value}:{of}", moves, currency, of)
