"""The rows of the store as values: what use cases and domain work with."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.payment.domain.disputes import CLOSED, DisputeStatus, Loss
from services.payment.domain.payouts import PayoutState
from services.payment.domain.refunds import RefundParts, RefundStatus
from services.payment.store.payment_row import Payment as Payment
from shared.money import Money


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return [_in_order(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Operation:
    """A row of `payment_op`: a request that is or was to be sent under `idem_key`.

    `params` have one order, just written or read again: a repeat is the same, byte for byte. `created_at` is
    None of what was just written.
    """

    id: str
    payment_id: str
    op: str
    attempt: int
    idem_key: str
    intent_id: str | None
    params: dict[str, Any]
    state: str
    error_code: str | None
    refund_id: str | None = None
    dispute_id: str | None = None
    created_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", _in_order(self.params))


@dataclass(frozen=True)
class Refund:
    """Money that is owed to a customer, or went back; amounts in minor units of its payment's currency.

    `attempt` counts how often it was begun anew after it failed. `reverses_transfer`: the provider's account
    gives it, else the platform. `reason` and `requested_by` are of one that an administrator asked for.
    """

    id: str
    payment_id: str
    request_key: str
    cause: str | None
    service_amount: int
    tip_amount: int
    commission_returned: int
    status: RefundStatus
    attempt: int
    provider_refund_id: str | None
    failure_code: str | None
    created_at: datetime
    updated_at: datetime
    reverses_transfer: bool = True
    reason: str | None = None
    requested_by: str | None = None

    def parts(self, currency: str) -> RefundParts:
        return RefundParts(
            Money(self.service_amount, currency),
            Money(self.tip_amount, currency),
            Money(self.commission_returned, currency),
        )


@dataclass(frozen=True)
class Payout:
    """Money on its way to a provider's bank; `amount` in minor units of `currency`."""

    id: str
    provider_id: str
    account_id: str
    currency: str
    amount: int
    state: PayoutState
    provider_payout_id: str | None
    failure_code: str | None
    simulated: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


@dataclass(frozen=True)
class ProviderOperation:
    """A row of `provider_op`: a request that is or was to be sent under `idem_key`."""

    id: str
    provider_id: str
    payout_id: str | None
    op: str
    attempt: int
    idem_key: str
    params: dict[str, Any]
    state: str
    error_code: str | None


@dataclass(frozen=True)
class ProviderAccount:
    """Whether a provider wants to be paid here, and the account that receives it, if there is one."""

    provider_id: str
    accepts_payments: bool
    account_id: str | None
    transfers_active: bool
    payouts_enabled: bool = False
    details_submitted: bool = False
    requirements: dict[str, Any] = field(default_factory=dict)
    country: str | None = None
    time_zone: str | None = None


NO_SHOW = "no_show"
"""The cause of what is due of a visit that its customer missed."""


@dataclass(frozen=True)
class Cancellation:
    """What booking said is due when it cancelled, or when the customer missed the visit; amounts in minor
    units of `currency`. `cancelled_at` of a missed one: until when it may be contested."""

    booking_id: str
    version: int
    cause: str | None
    currency: str
    refund_percent: int
    tip_percent: int
    service_refund: int
    tip_refund: int
    cancelled_at: datetime

    @property
    def is_no_show(self) -> bool:
        return self.cause == NO_SHOW


@dataclass(frozen=True)
class Dispute:
    """A dispute as it is stored; amounts in minor units of `currency`, the charge's."""

    id: str
    payment_id: str
    charge_id: str
    amount: int
    currency: str
    reason: str
    status: DisputeStatus
    is_charge_refundable: bool
    evidence_due_by: datetime | None
    has_evidence: bool
    submissions: int
    opened_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    lost_service_amount: int = 0
    lost_tip_amount: int = 0
    lost_commission_amount: int = 0
    lost_excess_amount: int = 0

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED

    @property
    def forbids_refunds(self) -> bool:
        """While it is open, and once it is lost where Stripe says that nothing may be refunded beside it."""
        return self.is_open or (self.status is DisputeStatus.LOST and not self.is_charge_refundable)

    @property
    def loss(self) -> Loss:
        """What the bank kept of the payment; zero unless it was lost."""
        parts = RefundParts(
            Money(self.lost_service_amount, self.currency),
            Money(self.lost_tip_amount, self.currency),
            Money(self.lost_commission_amount, self.currency),
        )
        return Loss(parts, Money(self.lost_excess_amount, self.currency))
