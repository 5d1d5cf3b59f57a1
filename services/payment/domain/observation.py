"""What the payment provider said about an intent, in one form whatever the source."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.payment.domain.declines import Failure
from services.payment.domain.states import State


class IntentStatus(StrEnum):
    """Stripe's statuses of a PaymentIntent, in Stripe's spelling; and `failed`, which an intent of Stripe's
    never is: refused, and nothing can be tried again with it."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    FAILED = "failed"


CANCELLABLE = frozenset(
    {
        IntentStatus.REQUIRES_PAYMENT_METHOD,
        IntentStatus.REQUIRES_CONFIRMATION,
        IntentStatus.REQUIRES_ACTION,
        IntentStatus.REQUIRES_CAPTURE,
    }
)


@dataclass(frozen=True)
class NextAction:
    """What the customer must do; `url` is null when Stripe's library does it in the page."""

    type: str
    url: str | None


@dataclass(frozen=True)
class ProcessingFee:
    """What the provider of payments keeps for a charge, in the currency in which it is settled."""

    transaction_id: str
    amount: int
    currency: str


@dataclass(frozen=True)
class Observation:
    """An intent at one moment. Amounts are the provider's numbers, `currency` its lower-case code.

    `client_secret` goes to the customer alone: it stays out of the repr, the store and the logs.
    """

    intent_id: str
    status: IntentStatus
    amount: int
    amount_received: int
    currency: str
    payment_id: str | None = None
    charge_id: str | None = None
    receipt_url: str | None = None
    wallet: str | None = None
    application_fee_id: str | None = None
    capture_before: datetime | None = None
    processing_fee: ProcessingFee | None = None
    failure: Failure | None = None
    next_action: NextAction | None = None
    client_secret: str | None = field(default=None, repr=False)

    @property
    def state(self) -> State:
        """Our state for the provider's status."""
        if self.status is IntentStatus.REQUIRES_PAYMENT_METHOD:
            return State.FAILED_RETRYABLE if self.failure else State.CREATED
        return _STATES[self.status]


_STATES = {
    IntentStatus.REQUIRES_CONFIRMATION: State.READY,
    IntentStatus.REQUIRES_ACTION: State.ACTION_REQUIRED,
    IntentStatus.PROCESSING: State.PROCESSING,
    IntentStatus.REQUIRES_CAPTURE: State.AUTHORIZED,
    IntentStatus.SUCCEEDED: State.CAPTURED,
    IntentStatus.CANCELED: State.CANCELLED,
    IntentStatus.FAILED: State.FAILED,
}
