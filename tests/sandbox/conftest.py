"""Tests against real Stripe, in test mode: only with a key for it, and else told as skipped, with why.

They ask through payment's own gateway and hold Stripe's answers to what the rest of the tests takes for
granted. STRIPE_TEST_ACCOUNT is a connected account of that key's platform whose transfers are active.
"""

import os
from contextlib import nullcontext
from typing import Any

import pytest

from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.settings import Mode, PaymentSettings, payment_mode
from shared.settings import Profile

KEY, ACCOUNT = "STRIPE_TEST_SECRET_KEY", "STRIPE_TEST_ACCOUNT"
WITHOUT_KEY = f"{KEY} is not set: real Stripe was not asked, nothing here was verified"
WITHOUT_ACCOUNT = f"{ACCOUNT} is not set: no charge to a connected account was verified"


@pytest.fixture(scope="session")
def settings() -> PaymentSettings:
    key = os.environ.get(KEY, "")
    if not key:
        pytest.skip(WITHOUT_KEY)
    made = PaymentSettings(profile=Profile.TEST, database_url="", amqp_uri="", stripe_secret_key=key)
    if payment_mode(made) is not Mode.SANDBOX:
        pytest.fail(f"{KEY} is not a key of Stripe's test mode", pytrace=False)
    return made


@pytest.fixture(scope="session")
def client(settings: PaymentSettings) -> Any:
    """Stripe's own client, for what the gateway has no need to ask."""
    return stripe_client(settings)


@pytest.fixture(scope="session")
def gateway(client: Any) -> StripeGateway:
    return StripeGateway(client, Mode.SANDBOX, nullcontext)


@pytest.fixture(scope="session")
def account(settings: PaymentSettings) -> str:
    """The connected account that charges go to."""
    found = os.environ.get(ACCOUNT, "")
    if not found:
        pytest.skip(WITHOUT_ACCOUNT)
    return found
