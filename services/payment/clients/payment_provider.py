"""The smallest face that every payment provider has for us, and what can go wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.payment.clients.connect_provider import ConnectProvider
from services.payment.clients.dispute_provider import DisputeProvider
from services.payment.domain.charge import (
    CaptureOrder,
    ChargeOrder,
    FeeRefundOrder,
    ProviderRequest,
    RefundOrder,
)
from services.payment.domain.declines import Failure
from services.payment.domain.observation import Observation
from services.payment.domain.refunds import FeeObservation, RefundObservation
from services.payment.domain.webhook import WebhookEvent


@dataclass(frozen=True)
class Reply:
    """What came back. `request_id` finds the call in the provider's own log."""

    observation: Observation
    request_id: str | None


@dataclass(frozen=True)
class RefundReply:
    """What came back for a refund."""

    observation: RefundObservation
    request_id: str | None


class RefundProvider(Protocol):
    """Gives money back. Builds without sending, sends under a key, looks at an intent's refunds."""

    def refund_request(self, order: RefundOrder) -> ProviderRequest: ...

    def fee_refund_request(self, order: FeeRefundOrder) -> ProviderRequest: ...

    def not_simulated(self, request: ProviderRequest) -> tuple[str, ...]:
        """Names of parameters that are checked and stored, but not sent to a stand-in."""

    @property
    def knows_fees(self) -> bool:
        """Whether there are commissions at all; a stand-in lacks them, and nothing about them is sent."""

    def refund(self, request: ProviderRequest, key: str) -> RefundReply:
        """Send once, under this idempotency key. Raises ProviderError, `unavailable`."""

    def refund_fee(self, fee_id: str, request: ProviderRequest, key: str) -> str | None:
        """Send once; returns the request's id. Raises like `refund`."""

    def fee(self, fee_id: str) -> FeeObservation:
        """The commission, and what of it went back. Raises ProviderError, `unavailable`."""

    def refunds_with_fee_returned(self, fee_id: str) -> frozenset[str]:
        """Ids of our refunds whose commission went back. Raises like `fee`."""

    def check(self, request: ProviderRequest) -> None:
        """Hold a request that is not sent against the provider's own description of it."""

    def refunds_of(self, intent_id: str, known: Sequence[str] = ()) -> list[RefundObservation]:
        """All refunds of an intent, whoever made them; from a provider that lists none, those whose ids are
        `known` to us. Raises ProviderError, `unavailable`."""


class PaymentProvider(Protocol):
    """Builds requests without sending, sends them under a key, looks at intents."""

    @property
    def refunds(self) -> RefundProvider:
        """Giving back what was paid."""

    @property
    def connect(self) -> ConnectProvider | None:
        """Those who are paid: accounts and payouts; None where there are none."""

    @property
    def disputes(self) -> DisputeProvider | None:
        """What card holders' banks take back."""

    def refuse_when_busy(self) -> None:
        """Raise `unavailable` when no call could be made now, before anything is written for one."""

    def usable_payment_method(self, payment_method: str) -> str:
        """The id to charge for what the client named. Raises ProviderError."""

    def charge_request(self, order: ChargeOrder) -> ProviderRequest: ...

    def confirm_request(self, intent_id: str) -> ProviderRequest: ...

    def cancel_request(self, intent_id: str) -> ProviderRequest: ...

    def release_request(self, intent_id: str) -> ProviderRequest: ...

    def capture_request(self, order: CaptureOrder) -> ProviderRequest: ...

    def not_simulated(self, request: ProviderRequest) -> tuple[str, ...]:
        """Names of parameters that are checked and stored, but not sent to a stand-in."""

    def send(self, request: ProviderRequest, key: str) -> Reply:
        """Send once, under this idempotency key. Raises ProviderError, `unavailable`."""

    def retrieve(self, intent_id: str) -> Reply:
        """Look at an intent. Raises ProviderError, `unavailable`."""

    def find(self, payment_id: str, created_after: datetime) -> Observation | None:
        """The intent that was made for a payment, when its id never reached us. Raises like `retrieve`."""

    def undelivered_events(self, since: datetime, until: datetime) -> list[WebhookEvent]:
        """Events of the kinds we work whose webhooks did not reach us. A stand-in also tells those that
        did. Raises like `retrieve`."""

    def undelivered_events_of(self, account_id: str, since: datetime, until: datetime) -> list[WebhookEvent]:
        """The same of a provider's account: Stripe lists them there only."""


class ProviderError(Exception):
    """A call that brought no observation. `code` and `request_id` are the provider's."""

    def __init__(self, code: str, request_id: str | None = None) -> None:
        self.code = code
        self.request_id = request_id
        super().__init__(code)


SERVER_ERROR = "server_error"
"""Code of a failure inside the provider. It is answered again and again under the same key."""


class OutcomeUnknownError(ProviderError):
    """No answer, or a failure inside the provider (`SERVER_ERROR`): it may have been done."""


class NotExecutedError(ProviderError):
    """Refused before anything was done: too many requests, or our key is not accepted."""


class RequestRefusedError(ProviderError):
    """The provider refuses this request and will again; `failure` is what the customer is told."""

    def __init__(self, code: str, request_id: str | None, failure: Failure, *, is_missing: bool) -> None:
        super().__init__(code, request_id)
        self.failure = failure
        self.is_missing = is_missing


class BalanceTooLowError(RequestRefusedError):
    """An account has less than the request would take from it."""


class CardDeclinedError(ProviderError):
    """The card was refused; another attempt is the customer's to make."""

    def __init__(self, code: str, request_id: str | None, failure: Failure) -> None:
        super().__init__(code, request_id)
        self.failure = failure
