"""Payments with mada are set up only when that is clearly meant, and beside a Stripe of the same kind."""

import pytest

from services.payment.clients.tap_mode import tap_mode
from services.payment.settings import Mode, PaymentSettings, payment_mode
from shared.settings import SettingsError, load

LOOPBACK = "http://127.0.0.1:8420"
BASE = {"DATABASE_URL": "postgresql+psycopg2://x/y", "AMQP_URI": "pyamqp://x"}
LIVE = {
    "PROFILE": "production",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_2",
}
SANDBOX = {"PROFILE": "local", "STRIPE_SECRET_KEY": "sk_test_1"}
STAND_IN = {"STRIPE_SECRET_KEY": "sk_test_localstripe", "STRIPE_API_BASE": LOOPBACK}
ADDRESSES = {
    "TAP_WEBHOOK_URL": "https://care.example/api/v1/customer/payments/webhook/tap",
    "TAP_RETURN_URL": "https://care.example/",
    "TAP_CONTACT_EMAIL": "payments@care.example",
}
FIXTURES = {"TAP_SECRET_KEY": "sk_test_fixture", "TAP_API_BASE": LOOPBACK}


def mode(environment: dict[str, str]) -> Mode:
    settings = load(PaymentSettings, BASE | environment)
    return tap_mode(settings, payment_mode(settings))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (LIVE, Mode.OFF),
        (LIVE | ADDRESSES, Mode.OFF),
        ({"PROFILE": "local"} | STAND_IN, Mode.OFF),
        (LIVE | ADDRESSES | {"TAP_SECRET_KEY": "sk_live_2"}, Mode.LIVE),
        (SANDBOX | ADDRESSES | {"TAP_SECRET_KEY": "sk_test_2"}, Mode.SANDBOX),
        ({"PROFILE": "test"} | STAND_IN | FIXTURES, Mode.STAND_IN),
    ],
)
def test_how_mada_is_set_up(environment: dict[str, str], expected: Mode) -> None:
    """promise D8: off unless it is set up."""
    assert mode(environment) is expected


@pytest.mark.parametrize(
    "environment",
    [
        LIVE | ADDRESSES | {"TAP_SECRET_KEY": "sk_test_2"},
        LIVE | ADDRESSES | {"TAP_SECRET_KEY": "pk_live_2"},
        LIVE | ADDRESSES | {"TAP_SECRET_KEY": "sk_live_2", "TAP_API_BASE": LOOPBACK},
        LIVE | ADDRESSES | {"TAP_SECRET_KEY": "sk_live_2", "TAP_RETURN_URL": "http://care.example/"},
        LIVE | ADDRESSES | {"TAP_SECRET_KEY": "sk_live_2", "TAP_WEBHOOK_URL": ""},
        LIVE | ADDRESSES | {"TAP_SECRET_KEY": "sk_live_2", "TAP_CONTACT_EMAIL": ""},
        SANDBOX | ADDRESSES | {"TAP_SECRET_KEY": "sk_live_2"},
        {"PROFILE": "local"} | ADDRESSES | {"TAP_SECRET_KEY": "sk_test_2"},
        {"PROFILE": "test"} | STAND_IN | ADDRESSES | {"TAP_SECRET_KEY": "sk_test_2"},
        {"PROFILE": "local"} | STAND_IN | FIXTURES,
        LIVE | FIXTURES,
        SANDBOX | FIXTURES,
        {"PROFILE": "test"} | STAND_IN | FIXTURES | {"TAP_API_BASE": "https://api.tap.company"},
        {"PROFILE": "test"} | STAND_IN | FIXTURES | {"TAP_API_BASE": ""},
    ],
)
def test_what_is_not_clearly_meant_is_refused(environment: dict[str, str]) -> None:
    """promise D8: no money that nobody paid confirms a booking, and tests never ask Tap."""
    with pytest.raises(SettingsError):
        mode(environment)
