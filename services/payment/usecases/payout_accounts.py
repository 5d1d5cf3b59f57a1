"""Where a provider's money goes: an account at Stripe, opened by the provider's owner and shown to them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from services.payment.clients.payment_provider import (
    OutcomeUnknownError,
    ProviderError,
    RequestRefusedError,
)
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.provider_accounts import AccountObservation, OnboardingLink, can_be_split
from services.payment.settings import Mode
from services.payment.store import accounts, provider_operations
from services.payment.store.locks import lock_provider
from services.payment.store.rows import ProviderAccount, ProviderOperation
from services.payment.usecases.claims import claimed_until
from services.payment.usecases.desk import Desk
from services.payment.usecases.owners import check_owner
from shared.contracts.declaration import Caller
from shared.contracts.payment import payments_not_configured, payout_country_not_supported
from shared.contracts.payment_payouts import PayoutAccountStatus
from shared.database.transaction import read_app_now
from shared.errors import internal_error, not_found, request_in_progress, unavailable

RETURNED, EXPIRED = "?payoutAccount=returned", "?payoutAccount=expired"
"""What is told to our page about how its owner came back from Stripe's."""


def get_payout_account(desk: Desk, provider_id: str, caller: Caller) -> dict[str, Any]:
    """How a provider's account stands, as we last heard. Raises `not_found`, `forbidden`."""
    with desk.transaction() as connection:
        return _view(desk, _own(connection, provider_id, caller), None)


def open_payout_account(desk: Desk, provider_id: str, caller: Caller) -> dict[str, Any]:
    """Open the provider's account unless it is open, look how it stands, and answer with Stripe's page for
    what is still asked for. May be called as often as its owner likes.

    Raises `not_found`, `forbidden`, `payments_not_configured`, `payout_country_not_supported`,
    `request_in_progress`, `unavailable`.
    """
    connect = desk.open_connect()
    with desk.transaction() as connection:
        account = _own(connection, provider_id, caller)
    if not connect.knows_accounts:
        return _view(desk, account, None)
    if not desk.onboarding_url:
        raise payments_not_configured()
    if account.account_id is None:
        _refuse_country(desk, account)
        account = _create(desk, account)
    account_id = account.account_id or ""
    try:
        seen = connect.account(account_id)
        link = connect.onboarding_link(
            account_id, desk.onboarding_url + RETURNED, desk.onboarding_url + EXPIRED
        )
    except ProviderError as error:
        raise unavailable(retry_after=1) from error
    with desk.transaction() as connection:
        return _view(desk, apply_account(connection, provider_id, seen), link)


def apply_account(connection: Connection, provider_id: str, seen: AccountObservation) -> ProviderAccount:
    """Keep what Stripe says of an account now: it may take payments and pay out, or not any more."""
    lock_provider(connection, provider_id)
    values = {
        "account_id": seen.account_id,
        "transfers_active": seen.transfers_active,
        "payouts_enabled": seen.payouts_enabled,
        "details_submitted": seen.details_submitted,
        "requirements": {
            "currently_due": list(seen.currently_due),
            "past_due": list(seen.past_due),
            "pending_verification": list(seen.pending_verification),
            "disabled_reason": seen.disabled_reason,
        },
    }
    accounts.change(connection, provider_id, values, read_app_now(connection))
    found = accounts.of_provider(connection, provider_id)
    if found is None:
        raise not_found()
    return found


def close_account(connection: Connection, provider_id: str) -> None:
    """Its owner took our right to it away: nobody is paid there any more."""
    lock_provider(connection, provider_id)
    values = {
        "transfers_active": False,
        "payouts_enabled": False,
        "requirements": {"disabled_reason": "deauthorized"},
    }
    accounts.change(connection, provider_id, values, read_app_now(connection))


def _own(connection: Connection, provider_id: str, caller: Caller) -> ProviderAccount:
    """The provider's account for its owners and for administrators. Raises `not_found`, `forbidden`."""
    check_owner(caller, provider_id)
    account = accounts.of_provider(connection, provider_id)
    if account is None:
        raise not_found()
    return account


def _refuse_country(desk: Desk, account: ProviderAccount) -> None:
    if not desk.platform_country:
        raise payments_not_configured()
    if account.country is None or not can_be_split(desk.platform_country, account.country):
        raise payout_country_not_supported(country=account.country)


def _create(desk: Desk, account: ProviderAccount) -> ProviderAccount:
    """Open the account, once: a repeat sends the same request under its key."""
    operation = _claim(desk, account)
    if operation is None:
        with desk.transaction() as connection:
            return accounts.of_provider(connection, account.provider_id) or account
    connect = desk.open_connect()
    request = ProviderRequest(OperationKind.CREATE_ACCOUNT, None, operation.params)
    try:
        reply = connect.create_account(request, operation.idem_key)
    except RequestRefusedError as error:
        _close(desk, operation, "failed", error)
        raise internal_error() from error
    except OutcomeUnknownError as error:
        _close(desk, operation, "unknown", error)
        raise unavailable(retry_after=1) from error
    except ProviderError as error:
        _close(desk, operation, "pending", error)
        raise unavailable(retry_after=1) from error
    with desk.transaction() as connection:
        provider_operations.close(connection, operation.id, "ok", reply.request_id)
        return apply_account(connection, account.provider_id, reply.observation)


def _claim(desk: Desk, account: ProviderAccount) -> ProviderOperation | None:
    """The request to send; None when the account was opened meanwhile."""
    with desk.transaction() as connection:
        lock_provider(connection, account.provider_id)
        current = accounts.of_provider(connection, account.provider_id)
        if current is None or current.account_id is not None:
            return None
        now = read_app_now(connection)
        kind = OperationKind.CREATE_ACCOUNT
        operation = provider_operations.latest_of_provider(connection, account.provider_id, kind)
        if operation is not None and provider_operations.is_claimed(connection, operation.id, now):
            raise request_in_progress("The account is being opened.")
        if operation is None or operation.state == "failed":
            request = desk.open_connect().account_request(account.provider_id, account.country or "")
            attempt = operation.attempt + 1 if operation else 1
            operation = provider_operations.add(connection, account.provider_id, request, attempt)
        provider_operations.claim(connection, operation.id, claimed_until(now))
    return operation


def _close(desk: Desk, operation: ProviderOperation, state: str, error: ProviderError) -> None:
    with desk.transaction() as connection:
        provider_operations.close(connection, operation.id, state, error.request_id, error.code)


def _view(desk: Desk, account: ProviderAccount, link: OnboardingLink | None) -> dict[str, Any]:
    is_simulated = desk.mode is Mode.STAND_IN
    asked = account.requirements
    expires_at = None if link is None else datetime.fromtimestamp(link.expires_at, UTC)
    return {
        "provider_id": account.provider_id,
        "status": _status(account, is_simulated).value,
        "takes_payments": account.accepts_payments and (is_simulated or account.transfers_active),
        "is_paid_out": account.accepts_payments and (is_simulated or account.payouts_enabled),
        "currently_due": asked.get("currently_due", []),
        "past_due": asked.get("past_due", []),
        "pending_verification": asked.get("pending_verification", []),
        "disabled_reason": asked.get("disabled_reason"),
        "onboarding_url": None if link is None else link.url,
        "onboarding_expires_at": expires_at,
        "simulated": is_simulated,
    }


def _status(account: ProviderAccount, is_simulated: bool) -> PayoutAccountStatus:
    if is_simulated:
        return PayoutAccountStatus.ACTIVE if account.accepts_payments else PayoutAccountStatus.NONE
    if account.account_id is None:
        return PayoutAccountStatus.NONE
    if account.transfers_active and account.payouts_enabled:
        return PayoutAccountStatus.ACTIVE
    return PayoutAccountStatus.RESTRICTED if account.details_submitted else PayoutAccountStatus.PENDING
