"""Settings of the payment service, and how payments are set up by them: in doubt not at all."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.settings import Profile, SettingsError, WorkerSettings, setting

STAND_IN_KEY = "sk_test_localstripe"
LIVE_PREFIXES = ("sk_live_", "rk_live_")
COUNTRY = re.compile("[A-Z]{2}")
SANDBOX_PREFIXES = ("sk_test_", "rk_test_")


class Mode(StrEnum):
    """Where payments go. `stand-in`: no money moves; `off`: payment commands are refused."""

    LIVE = "live"
    SANDBOX = "sandbox"
    STAND_IN = "stand-in"
    OFF = "off"


@dataclass(frozen=True, kw_only=True)
class PaymentSettings(WorkerSettings):
    """What the payment service reads from its environment."""

    stripe_secret_key: str = setting(
        "STRIPE_SECRET_KEY", "Stripe's secret or restricted key; empty: payments are off", "", secret=True
    )
    stripe_api_base: str = setting(
        "STRIPE_API_BASE", "address of the stand-in on this machine; empty: Stripe itself", ""
    )
    stripe_webhook_secrets: tuple[str, ...] = setting(
        "STRIPE_WEBHOOK_SECRET",
        "signing secrets of the webhook, several by comma in rotation",
        (),
        secret=True,
    )
    stripe_connect_webhook_secrets: tuple[str, ...] = setting(
        "STRIPE_CONNECT_WEBHOOK_SECRET",
        "signing secrets of the webhook for providers' accounts, several by comma in rotation",
        (),
        secret=True,
    )
    platform_country: str = setting(
        "PLATFORM_COUNTRY",
        "country of the platform's account at Stripe, which decides whom it can pay; as US",
        "",
    )
    onboarding_url: str = setting(
        "ONBOARDING_URL", "the page that providers come back to after telling Stripe about themselves", ""
    )
    commission_rate: Decimal = setting(
        "PLATFORM_COMMISSION_RATE",
        "share of the service's price, 0 to 1, of the first commission rule; later rules are rows",
        Decimal("0.10"),
    )
    max_tip_percent: int = setting(
        "MAX_TIP_PERCENT", "the largest tip that is taken, in percent of the service's price", 100
    )
    resume_seconds: int = setting(
        "PAYMENT_RESUME_SECONDS", "how soon a payment that was left without an outcome is looked at", 30
    )
    reconcile_seconds: int = setting(
        "RECONCILE_SECONDS", "how often Stripe is asked for what it knows and we do not", 300
    )
    unsettled_seconds: int = setting(
        "UNSETTLED_SECONDS", "how long a payment may stand still, or a webhook be late, before that", 120
    )
    operator_time_zone: str = setting(
        "OPERATOR_TIME_ZONE",
        "IANA zone of the operator's days and months in the books",
        "UTC",
    )
    payout_wait_seconds: int = setting(
        "PAYOUT_WAIT_SECONDS",
        "how long after a visit the provider's share waits before it may be paid out",
        172800,
    )
    payout_seconds: int = setting("PAYOUT_SECONDS", "how often what is due to providers is paid out", 86400)
    wallet_domains: tuple[str, ...] = setting(
        "STRIPE_WALLET_DOMAINS",
        "domains of the page that are registered at Stripe for wallets, by comma; empty: no wallets",
        (),
    )
    tap_secret_key: str = setting("TAP_SECRET_KEY", "Tap's secret key; empty: no mada", "", secret=True)
    tap_api_base: str = setting(
        "TAP_API_BASE",
        "address of a server of stored answers on this machine, for tests only; empty: Tap",
        "",
    )
    tap_merchant_id: str = setting("TAP_MERCHANT_ID", "the merchant at Tap, where the key has several", "")
    tap_webhook_url: str = setting("TAP_WEBHOOK_URL", "where Tap posts what became of a payment", "")
    tap_return_url: str = setting("TAP_RETURN_URL", "the page that customers come back to from Tap's", "")
    tap_contact_email: str = setting(
        "TAP_CONTACT_EMAIL", "the operator's address, which Tap has in the place of the customer's", ""
    )
    request_record: str = setting(
        "STRIPE_REQUEST_RECORD", "file that keeps every request to Stripe, for tests only; empty: none", ""
    )


def payment_mode(settings: PaymentSettings) -> Mode:
    """How payments are set up. Raises SettingsError for every combination that is not clearly meant.

    A missing key never means 'pretend': payments are off then.
    """
    _check_values(settings)
    key, base = settings.stripe_secret_key, settings.stripe_api_base
    if not key:
        return Mode.OFF
    if key == STAND_IN_KEY:
        return _stand_in(settings)
    if base:
        raise SettingsError("STRIPE_API_BASE is for the stand-in only; unset it")
    if key.startswith(LIVE_PREFIXES):
        return _live(settings)
    if key.startswith(SANDBOX_PREFIXES):
        return Mode.SANDBOX
    raise SettingsError("STRIPE_SECRET_KEY is not a secret or restricted key")


def _check_values(settings: PaymentSettings) -> None:
    if not 0 <= settings.commission_rate <= 1:
        raise SettingsError("PLATFORM_COMMISSION_RATE is not between 0 and 1")
    if settings.max_tip_percent < 0:
        raise SettingsError("MAX_TIP_PERCENT is below zero")
    if settings.reconcile_seconds < 1 or settings.unsettled_seconds < 0:
        raise SettingsError("RECONCILE_SECONDS must be above zero and UNSETTLED_SECONDS not below it")
    operator_zone(settings)
    if settings.platform_country and not COUNTRY.fullmatch(settings.platform_country):
        raise SettingsError("PLATFORM_COUNTRY is not a country's two capital letters")
    if settings.payout_wait_seconds < 0 or settings.payout_seconds < 1:
        raise SettingsError("PAYOUT_WAIT_SECONDS is below zero or PAYOUT_SECONDS not above it")
    if settings.request_record and settings.profile is not Profile.TEST:
        raise SettingsError("STRIPE_REQUEST_RECORD is for the test profile only")


def operator_zone(settings: PaymentSettings) -> ZoneInfo:
    """The zone of the operator's days. Raises SettingsError for a name that is none."""
    try:
        return ZoneInfo(settings.operator_time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError("OPERATOR_TIME_ZONE is not the name of a time zone") from error


def _stand_in(settings: PaymentSettings) -> Mode:
    if settings.profile is Profile.PRODUCTION:
        raise SettingsError("the stand-in's STRIPE_SECRET_KEY is set in the production profile")
    if not _is_loopback(settings.stripe_api_base):
        raise SettingsError("with the stand-in's key, STRIPE_API_BASE must be an address of this machine")
    return Mode.STAND_IN


def _live(settings: PaymentSettings) -> Mode:
    if settings.profile is not Profile.PRODUCTION:
        raise SettingsError("a live STRIPE_SECRET_KEY is for the production profile only")
    for name, secrets in (
        ("STRIPE_WEBHOOK_SECRET", settings.stripe_webhook_secrets),
        ("STRIPE_CONNECT_WEBHOOK_SECRET", settings.stripe_connect_webhook_secrets),
    ):
        if not secrets:
            raise SettingsError(f"{name} is not set; live payments need it")
    return Mode.LIVE


def _is_loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
