"""What a customer may choose: only what is really set up, for this currency and this provider of care."""

from typing import Any

from services.payment.domain.capabilities import ALL, Capabilities
from services.payment.domain.charge_limits import is_chargeable
from services.payment.settings import Mode
from services.payment.store import accounts
from services.payment.usecases.desk import Desk
from services.payment.usecases.ordering import destination_of
from shared.errors import ServiceError

WALLETS_IN = frozenset({Mode.LIVE, Mode.SANDBOX})
"""The stand-in has no wallets."""


def list_payment_methods(desk: Desk, request: dict[str, Any]) -> dict[str, Any]:
    """Every method whose payment provider is set up; none while payments are off."""
    currency, provider_id = request["currency"], request["provider_id"]
    found = [can for can in ALL if can.payment_provider in desk.providers]
    if currency is not None:
        found = [can for can in found if is_chargeable(currency) and can.takes(currency)]
    if provider_id is not None:
        found = [can for can in found if _is_payable(desk, provider_id, can)]
    return {"methods": [_view(desk, can) for can in found]}


def _is_payable(desk: Desk, provider_id: str, can: Capabilities) -> bool:
    with desk.reading() as connection:
        account = accounts.of_provider(connection, provider_id)
    try:
        destination_of(desk.mode, provider_id, account, can)
    except ServiceError:
        return False
    return True


def _view(desk: Desk, can: Capabilities) -> dict[str, Any]:
    domains = desk.wallet_domains if can.wallets and desk.mode in WALLETS_IN else ()
    return {
        "method": can.method.value,
        "payment_provider": can.payment_provider.value,
        "wallets": sorted(wallet.value for wallet in can.wallets) if domains else [],
        "wallet_domains": list(domains),
        "redirects": can.redirects,
        "may_be_held": can.may_hold_until_a_visit,
        "currencies": None if can.currencies is None else sorted(can.currencies),
        "simulated": desk.mode is Mode.STAND_IN,
    }
