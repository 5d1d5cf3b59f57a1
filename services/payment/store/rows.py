"""The rows of the store as values: what use cases and domain work with."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.payment.domain.capabilities import Capabilities, PaymentMethod, PaymentProviderName, of_method
from services.payment.domain.chart_of_accounts import clearing_of
from services.payment.domain.disputes import CLOSED, DisputeStatus, Loss
from services.payment.domain.payouts import PayoutState
from services.payment.domain.refunds import RefundParts, RefundStatus
from services.payment.domain.split import Split
from services.payment.domain.states import State
from shared.money import Money


@dataclass(frozen=True)
class Payment:
    """A payment as it is stored; amounts in minor units of `currency`."""

    id: str
    booking_id: str
    kind: str
    customer_id: str
    idempotency_key: str
    fingerprint: str
    provider_id: str
    currency: str
    service_amount: int
    tip_amount: int
    commission_amount: int
    commission_rule_id: str
    captured_amount: int
    refunded_amount: int
    state: State
    intent_id: str | None
    charge_id: str | None
    destination: str
    receipt_url: str | None
    wallet: str | None
    failure_code: str | None
    decline_reason: str | None
    simulated: bool
    params_not_simulated: tuple[str, ...]
    pay_before: datetime
    version: int
    created_at: datetime
    updated_at: datetime
    refunded_service_amount: int = 0
    refunded_tip_amount: int = 0
    commission_returned_amount: int = 0
    application_fee_id: str | None = None
    commission_line_id: str | None = None
    commission_rate: Decimal | None = None
    quoted_at: datetime | None = None
    service_id: str | None = None
    category: str | None = None
    city: str | None = None
    captured_at: datetime | None = None
    payment_provider: PaymentProviderName = PaymentProviderName.STRIPE
    method: PaymentMethod = PaymentMethod.CARD

    @property
    def can(self) -> Capabilities:
        """What its payment provider can do with its method."""
        return of_method(self.method)

    @property
    def clearing(self) -> str:
        """The ledger's account of the money that is with its payment provider."""
        return clearing_of(self.payment_provider)

    @property
    def refunded(self) -> RefundParts:
        """What the provider of payments has accepted to give back so far."""
        parts = (self.refunded_service_amount, self.refunded_tip_amount, self.commission_returned_amount)
        return RefundParts(*(Money(part, self.currency) for part in parts))

    @property
    def split(self) -> Split:
        """The charge and its shares, as they were computed when the payment was opened."""
        return Split(
            service=Money(self.service_amount, self.currency),
            tip=Money(self.tip_amount, self.currency),
            commission=Money(self.commission_amount, self.currency),
        )


@dataclass(frozen=True)
class Operation:
    """A row of `payment_op`: a request that is or was to be sent under `idem_key`."""

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


@dataclass(frozen=True)
class Cancellation:
    """What booking said is due when it cancelled; amounts in minor units of `currency`."""

    booking_id: str
    version: int
    cause: str | None
    currency: str
    refund_percent: int
    tip_percent: int
    service_refund: int
    tip_refund: int
    cancelled_at: datetime


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
