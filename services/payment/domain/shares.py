"""Where a provider's share of a payment stands: waiting, to be paid out, or paid out (rule M21)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.payment.domain.chart_of_accounts import PROVIDER_DUE, PROVIDER_PAYABLE, PROVIDER_RECEIVABLE


class ShareState(StrEnum):
    """`waiting` for the time after the visit; `released`: to be paid out; `paid_out`: in a payout."""

    WAITING = "waiting"
    RELEASED = "released"
    PAID_OUT = "paid_out"


ACCOUNTS = {
    ShareState.WAITING: PROVIDER_PAYABLE,
    ShareState.RELEASED: PROVIDER_DUE,
    ShareState.PAID_OUT: PROVIDER_RECEIVABLE,
}
"""From where the provider's part of what goes back to a customer is taken."""


@dataclass(frozen=True)
class ProviderShare:
    """The provider's part of one payment whose visit is over.

    `over_at`: when the visit was over or was called off. `released_amount` is null while it waits.
    `is_due`: something of it stands on `provider_due`, and a payout may find it there. What came through a
    payment provider that moves no shares is not in the account that pays out.
    """

    payment_id: str
    provider_id: str
    currency: str
    state: ShareState
    over_at: datetime
    released_amount: int | None
    is_due: bool
