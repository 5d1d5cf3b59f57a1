"""What paying out a provider's share moves between accounts, also when a payout fails."""

from dataclasses import dataclass

from services.payment.domain.chart_of_accounts import (
    PAYOUTS_IN_TRANSIT,
    PROVIDER_DUE,
    PROVIDER_RECEIVABLE,
    STRIPE_CLEARING,
    of_provider,
)
from services.payment.domain.postings import Posting, PostingKind, between
from shared.money import Money

KEPT = "kept_too_much:"


@dataclass(frozen=True)
class PayoutPart:
    """One payment's line of a payout: what is due of it, less what is kept for an earlier refund of it.

    `reference` is the payout's id at Stripe.
    """

    payout_id: str
    payment_id: str
    provider_id: str
    due: Money
    netted: Money
    reference: str

    @property
    def paid(self) -> Money:
        """Below zero where more is kept than is due."""
        return self.due - self.netted


def receivable_netted(part: PayoutPart) -> Posting:
    """What went back to a customer after the provider had it is kept from a payout (rule M13)."""
    due, receivable = _accounts(part)
    return _of_payout(PostingKind.RECEIVABLE_NETTED, part, between(due, receivable, part.netted))


def payout_sent(part: PayoutPart) -> Posting:
    """Stripe has taken the payout on."""
    due, _ = _accounts(part)
    return _of_payout(PostingKind.PAYOUT_SENT, part, between(due, PAYOUTS_IN_TRANSIT, part.paid))


def payout_paid(part: PayoutPart) -> Posting:
    """The money has left Stripe for the provider's bank."""
    moves = between(PAYOUTS_IN_TRANSIT, STRIPE_CLEARING, part.paid)
    return _of_payout(PostingKind.PAYOUT_PAID, part, moves)


def payout_put_back(part: PayoutPart, *, was_paid: bool) -> Posting:
    """The payout failed: its money is due again, from wherever it had come to."""
    due, _ = _accounts(part)
    held = STRIPE_CLEARING if was_paid else PAYOUTS_IN_TRANSIT
    return _of_payout(PostingKind.PAYOUT_PUT_BACK, part, between(held, due, part.paid))


def receivable_booked(part: PayoutPart) -> Posting:
    """What a failed payout had kept is owed by the provider as before."""
    due, receivable = _accounts(part)
    return _of_payout(PostingKind.RECEIVABLE_BOOKED, part, between(receivable, due, part.netted))


def kept_too_much(money: Money, provider_id: str, payout_id: str, payment_id: str) -> Posting:
    """More was kept of a payment than the provider owes: that is due, and in this payout."""
    moves = between(
        of_provider(PROVIDER_RECEIVABLE, provider_id), of_provider(PROVIDER_DUE, provider_id), money
    )
    reference = f"{KEPT}{payout_id}"
    kind = PostingKind.RECEIVABLE_BOOKED
    return Posting(kind, f"{kind.value}:{reference}", moves, money.currency, f"{reference}:{payment_id}")


def _accounts(part: PayoutPart) -> tuple[str, str]:
    return (
        of_provider(PROVIDER_DUE, part.provider_id),
        of_provider(PROVIDER_RECEIVABLE, part.provider_id),
    )


def _of_payout(kind: PostingKind, part: PayoutPart, moves: tuple[tuple[str, int], ...]) -> Posting:
    fact = f"{kind.value}:{part.payout_id}"
    return Posting(kind, fact, moves, part.due.currency, f"{part.reference}:{part.payment_id}")
