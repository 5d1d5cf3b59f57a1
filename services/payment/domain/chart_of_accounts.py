"""The accounts of the ledger: what each holds, and what its balance means."""

from dataclasses import dataclass
from enum import StrEnum

from services.payment.domain.capabilities import PaymentProviderName


class AccountKind(StrEnum):
    """What a balance is. Debits are positive, so assets and expenses stand above zero, the rest below."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    CLEARING = "clearing"


@dataclass(frozen=True)
class Account:
    """`per_provider`: there is one for each provider, written `name:provider id`."""

    name: str
    kind: AccountKind
    holds: str
    per_provider: bool = False


STRIPE_CLEARING = "stripe_clearing"
TAP_CLEARING = "tap_clearing"
CUSTOMER_FUNDS = "customer_funds"
PLATFORM_COMMISSION = "platform_commission"
REFUNDS_PAYABLE = "refunds_payable"
PROVIDER_PAYABLE = "provider_payable"
PROVIDER_DUE = "provider_due"
PROVIDER_RECEIVABLE = "provider_receivable"
PAYOUTS_IN_TRANSIT = "payouts_in_transit"
DISPUTED_FUNDS = "disputed_funds"
DISPUTE_COSTS = "dispute_costs"
STRIPE_FEES = "stripe_fees"
ROUNDING = "rounding"

CHART = (
    Account(STRIPE_CLEARING, AccountKind.ASSET, "money at Stripe: captured, less what has left it"),
    Account(TAP_CLEARING, AccountKind.ASSET, "money at Tap, of payments with mada, likewise"),
    Account(CUSTOMER_FUNDS, AccountKind.CLEARING, "zero once a capture is divided"),
    Account(PLATFORM_COMMISSION, AccountKind.INCOME, "the platform's commission, before Stripe's fees"),
    Account(REFUNDS_PAYABLE, AccountKind.LIABILITY, "owed to customers, not yet accepted by Stripe"),
    Account(
        PROVIDER_PAYABLE,
        AccountKind.LIABILITY,
        "the provider's, until the visit is over and its waiting time has passed",
        per_provider=True,
    ),
    Account(PROVIDER_DUE, AccountKind.LIABILITY, "the provider's, to be paid out", per_provider=True),
    Account(
        PROVIDER_RECEIVABLE,
        AccountKind.ASSET,
        "went back to customers after the provider had it; kept from the next payouts",
        per_provider=True,
    ),
    Account(PAYOUTS_IN_TRANSIT, AccountKind.CLEARING, "payouts that the bank has not confirmed"),
    Account(DISPUTED_FUNDS, AccountKind.ASSET, "taken by a card's bank until a dispute is decided"),
    Account(DISPUTE_COSTS, AccountKind.EXPENSE, "Stripe's fees for disputes, and losses that stay with us"),
    Account(STRIPE_FEES, AccountKind.EXPENSE, "Stripe's fees for charges"),
    Account(ROUNDING, AccountKind.EXPENSE, "units by which Stripe rounds otherwise than we do"),
)


_CLEARING = {PaymentProviderName.STRIPE: STRIPE_CLEARING, PaymentProviderName.TAP: TAP_CLEARING}


def clearing_of(payment_provider: PaymentProviderName) -> str:
    """The account of the money that is with this payment provider."""
    return _CLEARING[payment_provider]


def of_provider(account: str, provider_id: str) -> str:
    """One provider's own account of this name."""
    return f"{account}:{provider_id}"
