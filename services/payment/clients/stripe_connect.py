"""Connected accounts and their payouts at Stripe, by the gateway's one way out, read in our form."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from services.payment.clients import standin_capabilities as standin
from services.payment.clients.connect_provider import AccountReply, PayoutReply
from services.payment.clients.request_check import check_request
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.charge_limits import provider_amount
from services.payment.domain.payouts import PayoutObservation, PayoutOrder, PayoutState
from services.payment.domain.provider_accounts import AccountObservation, OnboardingLink
from services.payment.settings import Mode

Call = Callable[[str, dict[str, Any], Callable[[dict[str, Any]], Any]], Any]
"""(operation, parameters, send) -> Stripe's object; `StripeGateway.call`."""

CLOCKS_APART = timedelta(minutes=5)
PAGE = 100
MOST = 1000
_STATES = {
    "pending": PayoutState.SENT,
    "in_transit": PayoutState.SENT,
    "paid": PayoutState.PAID,
    "failed": PayoutState.FAILED,
    "canceled": PayoutState.FAILED,
}


class StripeConnect:
    """A ConnectProvider."""

    def __init__(self, client: Any, mode: Mode, call: Call) -> None:
        self._client = client
        self._mode = mode
        self._call = call

    @property
    def knows_accounts(self) -> bool:
        return standin.knows(self._mode, OperationKind.PAYOUT)

    def check(self, request: ProviderRequest) -> None:
        check_request(request.operation, request.params)

    def account_request(self, provider_id: str, country: str) -> ProviderRequest:
        """An account whose fees and losses are the platform's, and whose money waits for our word.

        Nothing is paid out by Stripe's own schedule: payouts follow visits.
        """
        params: dict[str, Any] = {
            "country": country,
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"transfers": {"requested": True}},
            "settings": {"payouts": {"schedule": {"interval": "manual"}}},
            "metadata": {"provider_id": provider_id},
        }
        return ProviderRequest(OperationKind.CREATE_ACCOUNT, None, params)

    def create_account(self, request: ProviderRequest, key: str) -> AccountReply:
        account = self._call(
            request.operation,
            request.params,
            lambda sent: self._client.v1.accounts.create(sent, {"idempotency_key": key}),
        )
        return AccountReply(observe_account(account.to_dict()), _request_id(account))

    def account(self, account_id: str) -> AccountObservation:
        accounts = self._client.v1.accounts
        found = self._call("retrieve_account", {}, lambda sent: accounts.retrieve(account_id, sent))
        return observe_account(found.to_dict())

    def onboarding_link(self, account_id: str, return_url: str, refresh_url: str) -> OnboardingLink:
        params = {
            "account": account_id,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        links = self._client.v1.account_links
        link = self._call("create_account_link", params, lambda sent: links.create(sent))
        return OnboardingLink(link.url, link.expires_at)

    def available(self, account_id: str, currency: str) -> int:
        options = self._options(account_id)
        balance = self._call(
            "retrieve_balance", {}, lambda sent: self._client.v1.balance.retrieve(sent, options)
        ).to_dict()
        return sum(one["amount"] for one in balance["available"] if one["currency"] == currency.lower())

    def payout_request(self, order: PayoutOrder) -> ProviderRequest:
        params: dict[str, Any] = {
            "amount": provider_amount(order.amount),
            "currency": order.amount.currency.lower(),
            "metadata": {"payout_id": order.payout_id, "provider_id": order.provider_id},
        }
        return ProviderRequest(OperationKind.PAYOUT, None, params)

    def pay_out(self, account_id: str, request: ProviderRequest, key: str) -> PayoutReply:
        options = self._options(account_id) | {"idempotency_key": key}
        payout = self._call(
            request.operation,
            request.params,
            lambda sent: self._client.v1.payouts.create(sent, options),
        )
        return PayoutReply(observe_payout(payout.to_dict()), _request_id(payout))

    def payout(self, account_id: str, provider_payout_id: str) -> PayoutObservation:
        payouts, options = self._client.v1.payouts, self._options(account_id)
        found = self._call(
            "retrieve_payout", {}, lambda sent: payouts.retrieve(provider_payout_id, sent, options)
        )
        return observe_payout(found.to_dict())

    def find_payout(
        self, account_id: str, payout_id: str, created_after: datetime
    ) -> PayoutObservation | None:
        since = int((created_after - CLOCKS_APART).timestamp())
        payouts, options = self._client.v1.payouts, self._options(account_id)
        listed = self._call(
            "list_payouts",
            {"created": {"gte": since}, "limit": PAGE},
            lambda sent: list(islice(payouts.list(sent, options).auto_paging_iter(), MOST)),
        )
        seen = (observe_payout(one.to_dict()) for one in listed)
        return next((one for one in seen if one.our_id == payout_id), None)

    def _options(self, account_id: str) -> dict[str, str]:
        """The header that names whose account is meant. One of the stand-in's never leaves."""
        standin.refuse_its_account(account_id, Mode.SANDBOX)
        return {"stripe_account": account_id}


def observe_payout(payout: dict[str, Any]) -> PayoutObservation:
    """`metadata` is ours, written by `payout_request`; a payout made by hand at Stripe has none of it."""
    return PayoutObservation(
        provider_payout_id=payout["id"],
        state=_STATES[payout["status"]],
        amount=payout["amount"],
        currency=payout["currency"],
        our_id=(payout.get("metadata") or {}).get("payout_id"),
        failure_code=payout.get("failure_code"),
    )


def observe_account(account: dict[str, Any]) -> AccountObservation:
    """Of an account's many members only what decides whether money may go there."""
    asked: dict[str, Any] = account.get("requirements") or {}
    return AccountObservation(
        account_id=account["id"],
        provider_id=(account.get("metadata") or {}).get("provider_id"),
        country=account.get("country"),
        transfers_active=(account.get("capabilities") or {}).get("transfers") == "active",
        payouts_enabled=bool(account.get("payouts_enabled")),
        details_submitted=bool(account.get("details_submitted")),
        currently_due=tuple(asked.get("currently_due") or ()),
        past_due=tuple(asked.get("past_due") or ()),
        pending_verification=tuple(asked.get("pending_verification") or ()),
        disabled_reason=asked.get("disabled_reason"),
    )


def _request_id(answer: Any) -> str | None:
    response = answer.last_response
    return None if response is None else response.request_id
