"""How mada is set up, by the settings beside Stripe's: in doubt not at all."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from services.payment.settings import Mode, PaymentSettings
from shared.settings import Profile, SettingsError

FIXTURE_KEY = "sk_test_fixture"
"""With it, and only in tests, stored answers stand for Tap."""
LIVE, SANDBOX = "sk_live_", "sk_test_"
_WANTED: Mapping[Mode, str] = {Mode.LIVE: LIVE, Mode.SANDBOX: SANDBOX}


def tap_mode(settings: PaymentSettings, stripe: Mode) -> Mode:
    """Where payments with mada go. Raises SettingsError for every combination that is not clearly meant.

    Both providers move money, or neither does: a booking would else be confirmed for money that nobody
    paid. With the Stripe stand-in Tap is not asked at all.
    """
    key, base = settings.tap_secret_key, settings.tap_api_base
    if not key:
        return Mode.OFF
    if key == FIXTURE_KEY:
        return _fixtures(settings, stripe)
    if base:
        raise SettingsError("TAP_API_BASE is for tests only; unset it")
    if stripe not in _WANTED:
        raise SettingsError(f"TAP_SECRET_KEY is set, and Stripe is {stripe.value}: set up both, or neither")
    if not key.startswith(_WANTED[stripe]):
        raise SettingsError(f"TAP_SECRET_KEY is not one of a {stripe.value} account, as Stripe's is")
    _check_addresses(settings)
    return stripe


def _fixtures(settings: PaymentSettings, stripe: Mode) -> Mode:
    if settings.profile is not Profile.TEST or stripe is not Mode.STAND_IN:
        raise SettingsError("the key of stored answers is set as TAP_SECRET_KEY outside of tests")
    if not _is_loopback(settings.tap_api_base):
        raise SettingsError("with the key of stored answers, TAP_API_BASE must be an address of this machine")
    return Mode.STAND_IN


def _check_addresses(settings: PaymentSettings) -> None:
    for name, url in (
        ("TAP_WEBHOOK_URL", settings.tap_webhook_url),
        ("TAP_RETURN_URL", settings.tap_return_url),
    ):
        if not url.startswith("https://"):
            raise SettingsError(f"{name} is not an address that begins with https://")
    if "@" not in settings.tap_contact_email:
        raise SettingsError("TAP_CONTACT_EMAIL is not set; payments with mada need it")


def _is_loopback(base: str) -> bool:
    try:
        return ip_address(urlsplit(base).hostname or "").is_loopback
    except ValueError:
        return False
