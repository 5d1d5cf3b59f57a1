"""The list of methods says what is really set up, and nothing else."""

import dataclasses
from collections.abc import Mapping
from contextlib import nullcontext

import pytest

from services.payment.clients.payment_provider import PaymentProvider
from services.payment.clients.providers import tap_gateway
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.settings import Mode, PaymentSettings
from services.payment.usecases.desk import Desk
from services.payment.usecases.payment_methods import list_payment_methods
from shared.contracts.declaration import write
from shared.contracts.payment_methods import PaymentMethodsSchema
from shared.ids import new_id
from tests.integration.payment.bookings import Bookings

DOMAINS = ("care.example",)


@pytest.fixture
def tap(settings: PaymentSettings) -> Mapping[PaymentProviderName, PaymentProvider]:
    return {PaymentProviderName.TAP: tap_gateway(settings, nullcontext)}


def names(desk: Desk, currency: str | None = None, provider_id: str | None = None) -> list[str]:
    answer = list_payment_methods(desk, {"currency": currency, "provider_id": provider_id})
    write(PaymentMethodsSchema, answer)
    return [one["method"] for one in answer["methods"]]


def wallets(desk: Desk) -> list[str]:
    found: list[str] = list_payment_methods(desk, {"currency": None, "provider_id": None})["methods"][0][
        "wallets"
    ]
    return found


def test_mada_is_listed_where_tap_is_set_up(
    desk: Desk, tap: Mapping[PaymentProviderName, PaymentProvider]
) -> None:
    """promise D8 and rule M16: and for riyals only."""
    with_tap = dataclasses.replace(desk, others=tap)
    assert names(desk) == names(desk, "SAR") == ["card"]
    assert names(with_tap) == names(with_tap, "SAR") == ["card", "mada"]
    assert names(with_tap, "USD") == ["card"]


def test_nothing_is_listed_while_payments_are_off(
    desk: Desk, tap: Mapping[PaymentProviderName, PaymentProvider]
) -> None:
    """promise D8: without Stripe there is no mada either."""
    assert names(dataclasses.replace(desk, provider=None, mode=Mode.OFF, others=tap)) == []


def test_only_what_a_provider_of_care_can_be_paid_by_is_listed(
    desk: Desk, bookings: Bookings, tap: Mapping[PaymentProviderName, PaymentProvider]
) -> None:
    """promise D8: a card needs an account of the provider's, mada does not; nothing, for who takes none."""
    live = dataclasses.replace(desk, mode=Mode.SANDBOX, others=tap)
    assert names(desk, "SAR", bookings.provider_id) == ["card"]
    assert names(live, "SAR", bookings.provider_id) == ["mada"]
    assert names(live, "SAR", new_id()) == []


@pytest.mark.parametrize(
    ("mode", "domains", "expected"),
    [
        (Mode.LIVE, DOMAINS, ["apple_pay", "google_pay"]),
        (Mode.SANDBOX, DOMAINS, ["apple_pay", "google_pay"]),
        (Mode.LIVE, (), []),
        (Mode.STAND_IN, DOMAINS, []),
    ],
)
def test_wallets_are_listed_where_their_domains_are_registered(
    desk: Desk, mode: Mode, domains: tuple[str, ...], expected: list[str]
) -> None:
    """promise D8: the stand-in has none."""
    assert wallets(dataclasses.replace(desk, mode=mode, wallet_domains=domains)) == expected
