"""Makes the payment providers that are set up: the one place that knows all of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from services.payment.clients.payment_provider import PaymentProvider
from services.payment.clients.request_record import record_to
from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.clients.tap_gateway import TapAddresses, TapGateway
from services.payment.clients.tap_http import TapHttp
from services.payment.clients.tap_mode import tap_mode
from services.payment.clients.tap_webhooks import TapWebhookReader
from services.payment.domain.capabilities import PaymentProviderName
from services.payment.settings import Mode, PaymentSettings

Internet = Callable[[], AbstractContextManager[None]]
"""Bounds how many calls may be under way at once in this process."""


def open_providers(
    settings: PaymentSettings, mode: Mode, internet: Internet
) -> dict[PaymentProviderName, PaymentProvider]:
    """By their names; none when payments are off. Raises SettingsError."""
    with_tap = tap_mode(settings, mode) is not Mode.OFF
    if mode is Mode.OFF:
        return {}
    record = record_to(settings.request_record)
    made: dict[PaymentProviderName, PaymentProvider] = {
        PaymentProviderName.STRIPE: StripeGateway(stripe_client(settings), mode, internet, record)
    }
    if with_tap:
        made[PaymentProviderName.TAP] = tap_gateway(settings, internet)
    return made


def tap_gateway(settings: PaymentSettings, internet: Internet) -> TapGateway:
    """Payments with mada."""
    addresses = TapAddresses(
        webhook=settings.tap_webhook_url,
        back=settings.tap_return_url,
        contact=settings.tap_contact_email,
        merchant_id=settings.tap_merchant_id,
    )
    return TapGateway(TapHttp(settings.tap_secret_key, settings.tap_api_base, internet), addresses)


def webhook_readers(settings: PaymentSettings, mode: Mode) -> dict[PaymentProviderName, TapWebhookReader]:
    """Of the providers beside Stripe that are set up. Raises SettingsError."""
    of_tap = tap_mode(settings, mode)
    if of_tap is Mode.OFF:
        return {}
    return {PaymentProviderName.TAP: TapWebhookReader(settings.tap_secret_key, of_tap)}
