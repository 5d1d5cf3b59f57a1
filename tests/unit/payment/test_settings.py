"""Payments are live only when that is clearly meant, and never pretended in production."""

import pytest

from services.payment.settings import Mode, PaymentSettings, payment_mode
from shared.settings import SettingsError, load

LOOPBACK = "http://127.0.0.1:8420"
BASE = {"DATABASE_URL": "postgresql+psycopg2://x/y", "AMQP_URI": "pyamqp://x"}


def mode(**environment: str) -> Mode:
    return payment_mode(load(PaymentSettings, BASE | environment))


def stripe(profile: str, key: str, api_base: str, secret: str) -> dict[str, str]:
    return {
        "PROFILE": profile,
        "STRIPE_SECRET_KEY": key,
        "STRIPE_API_BASE": api_base,
        "STRIPE_WEBHOOK_SECRET": secret,
        "STRIPE_CONNECT_WEBHOOK_SECRET": secret,
    }


@pytest.mark.parametrize(
    ("profile", "key", "api_base", "secret", "expected"),
    [
        ("production", "", "", "", Mode.OFF),
        ("production", "", LOOPBACK, "", Mode.OFF),
        ("local", "", "", "", Mode.OFF),
        ("production", "sk_live_1", "", "whsec_1", Mode.LIVE),
        ("production", "rk_live_1", "", "whsec_1,whsec_2", Mode.LIVE),
        ("production", "sk_test_1", "", "", Mode.SANDBOX),
        ("local", "rk_test_1", "", "", Mode.SANDBOX),
        ("local", "sk_test_localstripe", LOOPBACK, "whsec_1", Mode.STAND_IN),
        ("test", "sk_test_localstripe", "http://localhost:1", "", Mode.STAND_IN),
        ("test", "sk_test_localstripe", "http://[::1]:1", "", Mode.STAND_IN),
    ],
)
def test_how_payments_are_set_up(profile: str, key: str, api_base: str, secret: str, expected: Mode) -> None:
    assert mode(**stripe(profile, key, api_base, secret)) is expected


@pytest.mark.parametrize(
    ("profile", "key", "api_base", "secret"),
    [
        ("production", "sk_live_1", LOOPBACK, "whsec_1"),
        ("production", "sk_live_1", "", ""),
        ("local", "sk_live_1", "", "whsec_1"),
        ("test", "rk_live_1", "", "whsec_1"),
        ("local", "sk_test_1", LOOPBACK, ""),
        ("production", "sk_test_localstripe", LOOPBACK, "whsec_1"),
        ("local", "sk_test_localstripe", "", "whsec_1"),
        ("local", "sk_test_localstripe", "http://stripe.example.com", "whsec_1"),
        ("local", "sk_test_localstripe", "http://127.0.0.1.example.com", "whsec_1"),
        ("local", "sk_test_localstripe", "http://10.0.0.1", "whsec_1"),
        ("production", "pk_live_1", "", "whsec_1"),
        ("production", "whatever", "", "whsec_1"),
    ],
)
def test_what_is_not_clearly_meant_stops_the_start(
    profile: str, key: str, api_base: str, secret: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        mode(**stripe(profile, key, api_base, secret))
    assert key not in str(refused.value)


def test_live_payments_need_the_secret_of_the_endpoint_for_accounts() -> None:
    """rule M21: without it nobody would hear that a provider's account may no more be paid."""
    live = stripe("production", "sk_live_1", "", "whsec_1") | {"STRIPE_CONNECT_WEBHOOK_SECRET": ""}
    with pytest.raises(SettingsError, match="STRIPE_CONNECT_WEBHOOK_SECRET"):
        mode(**live)


@pytest.mark.parametrize("country", ["us", "USA", "U1"])
def test_a_country_that_is_none_stops_the_start(country: str) -> None:
    assert mode(PLATFORM_COUNTRY="US") is Mode.OFF
    with pytest.raises(SettingsError, match="PLATFORM_COUNTRY"):
        mode(PLATFORM_COUNTRY=country)


@pytest.mark.parametrize("rate", ["-0.1", "1.1"])
def test_a_commission_out_of_range_stops_the_start(rate: str) -> None:
    with pytest.raises(SettingsError, match="PLATFORM_COMMISSION_RATE"):
        mode(PLATFORM_COMMISSION_RATE=rate)


def test_secrets_are_not_shown() -> None:
    environment = {"STRIPE_SECRET_KEY": "sk_live_hidden", "STRIPE_WEBHOOK_SECRET": "whsec_hidden"}
    assert "hidden" not in repr(load(PaymentSettings, BASE | environment))
