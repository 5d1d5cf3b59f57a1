"""What a capture moves between accounts: the customer's money comes in and is divided."""

from services.payment.domain.chart_of_accounts import (
    CUSTOMER_FUNDS,
    PLATFORM_COMMISSION,
    PROVIDER_PAYABLE,
    STRIPE_CLEARING,
    STRIPE_FEES,
    of_provider,
)
from services.payment.domain.observation import ProcessingFee
from services.payment.domain.postings import Posting, PostingKind, between
from services.payment.domain.split import Split
from shared.money import Money


def captured(split: Split, charge_id: str | None, clearing: str = STRIPE_CLEARING) -> Posting:
    """The customer's money is at the payment provider; whose it is, the next two say."""
    moves = between(clearing, CUSTOMER_FUNDS, split.total)
    return Posting(PostingKind.CAPTURED, PostingKind.CAPTURED.value, moves, split.total.currency, charge_id)


def commission(split: Split) -> Posting:
    """The platform's part of the customer's money."""
    moves = between(CUSTOMER_FUNDS, PLATFORM_COMMISSION, split.commission)
    return Posting(PostingKind.COMMISSION, PostingKind.COMMISSION.value, moves, split.total.currency)


def provider_share(split: Split, provider_id: str) -> Posting:
    """The provider's part: the rest, with the whole tip."""
    moves = between(CUSTOMER_FUNDS, of_provider(PROVIDER_PAYABLE, provider_id), split.provider)
    return Posting(PostingKind.PROVIDER_SHARE, PostingKind.PROVIDER_SHARE.value, moves, split.total.currency)


def stripe_fee(fee: ProcessingFee) -> Posting:
    """What Stripe keeps of a charge, in the currency in which it settles; the platform bears it."""
    moves = between(STRIPE_FEES, STRIPE_CLEARING, Money(fee.amount, fee.currency))
    return Posting(
        PostingKind.STRIPE_FEE, PostingKind.STRIPE_FEE.value, moves, fee.currency, fee.transaction_id
    )
