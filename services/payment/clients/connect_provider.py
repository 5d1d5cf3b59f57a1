"""What the payment provider does for those who are paid: their accounts, balances and payouts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.payment.domain.charge import ProviderRequest
from services.payment.domain.payouts import PayoutObservation, PayoutOrder
from services.payment.domain.provider_accounts import AccountObservation, OnboardingLink


@dataclass(frozen=True)
class PayoutReply:
    """What came back for a payout."""

    observation: PayoutObservation
    request_id: str | None


@dataclass(frozen=True)
class AccountReply:
    """What came back for an account."""

    observation: AccountObservation
    request_id: str | None


class ConnectProvider(Protocol):
    """Builds without sending, sends under a key, looks. Each call raises ProviderError, `unavailable`."""

    @property
    def knows_accounts(self) -> bool:
        """Whether there are accounts at all; a stand-in lacks them, and nothing about them is sent."""

    def check(self, request: ProviderRequest) -> None:
        """Hold a request that is not sent against the provider's own description of it."""

    def account_request(self, provider_id: str, country: str) -> ProviderRequest: ...

    def create_account(self, request: ProviderRequest, key: str) -> AccountReply:
        """Send once, under this idempotency key."""

    def account(self, account_id: str) -> AccountObservation: ...

    def onboarding_link(self, account_id: str, return_url: str, refresh_url: str) -> OnboardingLink: ...

    def available(self, account_id: str, currency: str) -> int:
        """What an account can pay out now, in the provider's number for the currency."""

    def payout_request(self, order: PayoutOrder) -> ProviderRequest: ...

    def pay_out(self, account_id: str, request: ProviderRequest, key: str) -> PayoutReply:
        """Send once, under this idempotency key."""

    def payout(self, account_id: str, provider_payout_id: str) -> PayoutObservation: ...

    def find_payout(
        self, account_id: str, payout_id: str, created_after: datetime
    ) -> PayoutObservation | None:
        """The payout that was made for ours, when its id never reached us."""
