"""What releasing a provider's share moves between accounts."""

from services.payment.domain.chart_of_accounts import PROVIDER_DUE, PROVIDER_PAYABLE, of_provider
from services.payment.domain.postings import Posting, PostingKind, between
from shared.money import Money


def share_released(share: Money, provider_id: str) -> Posting:
    """The visit is over and its waiting time has passed: the share is to be paid out (rule M21)."""
    moves = between(of_provider(PROVIDER_PAYABLE, provider_id), of_provider(PROVIDER_DUE, provider_id), share)
    kind = PostingKind.SHARE_RELEASED
    return Posting(kind, kind.value, moves, share.currency)
