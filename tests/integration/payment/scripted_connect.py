"""Providers' accounts and payouts as a test decides, behind our own interface; it stands for no server."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.payment.clients.connect_provider import AccountReply, ConnectProvider, PayoutReply
from services.payment.clients.payment_provider import (
    NotExecutedError,
    OutcomeUnknownError,
    RequestRefusedError,
)
from services.payment.domain.charge import ProviderRequest
from services.payment.domain.declines import Failure
from services.payment.domain.payouts import PayoutObservation, PayoutOrder, PayoutState
from services.payment.domain.provider_accounts import AccountObservation, OnboardingLink
from services.payment.domain.webhook import WebhookEvent


class ScriptedConnect:
    """Remembers accounts and payouts. Requests are built by the real gateway.

    `payout_state` is the answer to the next payout, `refusal` a code that it is refused with instead;
    `answers`: whether it reaches us, `is_busy`: whether Stripe takes no request at all. `balance`: what every
    account can pay out.
    """

    knows_accounts = True

    def __init__(self, real: ConnectProvider) -> None:
        self._real = real
        self.payouts: dict[str, tuple[str, PayoutObservation]] = {}
        self.accounts: dict[str, AccountObservation] = {}
        self.links: list[tuple[str, str, str]] = []
        self.payout_state = PayoutState.SENT
        self.refusal: str | None = None
        self.answers = True
        self.is_busy = False
        self.balance = 10**9
        self.sent: list[str] = []
        self.undelivered: dict[str, list[WebhookEvent]] = {}

    def check(self, request: ProviderRequest) -> None:
        self._real.check(request)

    def account_request(self, provider_id: str, country: str) -> ProviderRequest:
        return self._real.account_request(provider_id, country)

    def create_account(self, request: ProviderRequest, key: str) -> AccountReply:
        self._send(request, key)
        account_id = f"acct_{key[-40:].replace(':', '')}"
        made = AccountObservation(
            account_id=account_id,
            provider_id=request.params["metadata"]["provider_id"],
            country=request.params["country"],
            transfers_active=False,
            payouts_enabled=False,
            details_submitted=False,
            currently_due=("external_account",),
            past_due=(),
            pending_verification=(),
            disabled_reason="requirements.past_due",
        )
        self.accounts.setdefault(account_id, made)
        self._answer()
        return AccountReply(self.accounts[account_id], "req_account")

    def account(self, account_id: str) -> AccountObservation:
        return self.accounts[account_id]

    def verify(self, account_id: str, *, active: bool = True) -> None:
        """The account's owner has told all that was asked for, or Stripe has taken the right away."""
        self.accounts[account_id] = replace(
            self.accounts[account_id],
            transfers_active=active,
            payouts_enabled=active,
            details_submitted=True,
            currently_due=(),
            disabled_reason=None if active else "rejected.other",
        )

    def onboarding_link(self, account_id: str, return_url: str, refresh_url: str) -> OnboardingLink:
        self.links.append((account_id, return_url, refresh_url))
        return OnboardingLink(
            f"https://connect.stripe.com/setup/e/{account_id}/{len(self.links)}", 1800000000
        )

    def available(self, account_id: str, currency: str) -> int:
        return self.balance

    def payout_request(self, order: PayoutOrder) -> ProviderRequest:
        return self._real.payout_request(order)

    def pay_out(self, account_id: str, request: ProviderRequest, key: str) -> PayoutReply:
        if self.is_busy:
            raise NotExecutedError("rate_limit")
        self._send(request, key)
        if self.refusal is not None:
            raise RequestRefusedError(self.refusal, "req_payout", Failure("internal_error"), is_missing=False)
        params: dict[str, Any] = request.params
        reference = f"po_{params['metadata']['payout_id']}"
        seen = PayoutObservation(
            reference,
            self.payout_state,
            params["amount"],
            params["currency"],
            params["metadata"]["payout_id"],
            "account_closed" if self.payout_state is PayoutState.FAILED else None,
        )
        self.payouts.setdefault(reference, (account_id, seen))
        self._answer()
        return PayoutReply(self.payouts[reference][1], "req_payout")

    def payout(self, account_id: str, provider_payout_id: str) -> PayoutObservation:
        whose, seen = self.payouts[provider_payout_id]
        assert whose == account_id, "a payout is asked for at its own account"
        return seen

    def find_payout(
        self, account_id: str, payout_id: str, created_after: datetime
    ) -> PayoutObservation | None:
        found = (seen for whose, seen in self.payouts.values() if whose == account_id)
        return next((one for one in found if one.our_id == payout_id), None)

    def say(self, state: PayoutState, *, only_the_last: bool = False) -> None:
        """Something newer of every payout; a failed one stays so."""
        for reference in list(self.payouts)[-1 if only_the_last else 0 :]:
            account_id, seen = self.payouts[reference]
            if seen.state is not PayoutState.FAILED:
                self.payouts[reference] = (account_id, replace(seen, state=state))

    def _send(self, request: ProviderRequest, key: str) -> None:
        self._real.check(request)
        self.sent.append(key)

    def _answer(self) -> None:
        if not self.answers:
            raise OutcomeUnknownError("timeout")
