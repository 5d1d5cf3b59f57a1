"""A payment as it is stored: what was ordered, what was taken of it, what went back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.payment.domain.authorization import CaptureCause, CaptureMethod
from services.payment.domain.capabilities import Capabilities, PaymentMethod, PaymentProviderName, of_method
from services.payment.domain.chart_of_accounts import clearing_of
from services.payment.domain.observation import ProcessingFee
from services.payment.domain.refunds import RefundParts
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
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    visit_done_by: datetime | None = None
    capture_before: datetime | None = None
    capture_cause: CaptureCause | None = None
    kept_service_amount: int | None = None
    kept_tip_amount: int | None = None
    kept_commission_amount: int | None = None
    balance_transaction_id: str | None = None
    stripe_fee_amount: int | None = None
    stripe_fee_currency: str | None = None
    payment_provider: PaymentProviderName = PaymentProviderName.STRIPE
    method: PaymentMethod = PaymentMethod.CARD
    paid_twice: bool = False

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
        return RefundParts(
            Money(self.refunded_service_amount, self.currency),
            Money(self.refunded_tip_amount, self.currency),
            Money(self.commission_returned_amount, self.currency),
        )

    @property
    def split(self) -> Split:
        """The charge and its shares, as they were computed when the payment was opened."""
        return Split(
            service=Money(self.service_amount, self.currency),
            tip=Money(self.tip_amount, self.currency),
            commission=Money(self.commission_amount, self.currency),
        )

    @property
    def taken(self) -> Split:
        """What is or will be taken of the charge: all of it, but of a hold what was decided to be kept."""
        kept = (self.kept_service_amount, self.kept_tip_amount, self.kept_commission_amount)
        service, tip, commission = (None if part is None else Money(part, self.currency) for part in kept)
        if service is None or tip is None or commission is None:
            return self.split
        return Split(service, tip, commission)

    @property
    def processing_fee(self) -> ProcessingFee | None:
        """What Stripe keeps of the charge, once it has told."""
        told = (self.balance_transaction_id, self.stripe_fee_amount, self.stripe_fee_currency)
        transaction_id, amount, currency = told
        if transaction_id is None or amount is None or currency is None:
            return None
        return ProcessingFee(transaction_id, amount, currency)
