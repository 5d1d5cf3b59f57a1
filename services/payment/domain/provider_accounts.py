"""A provider's account at Stripe as we keep it: what it may do, and what is asked for before it may."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AccountObservation:
    """An account at one moment. The lists hold Stripe's names of what its owner must still tell.

    `disabled_reason` is Stripe's code for why nothing may go on, null while all is well.
    """

    account_id: str
    provider_id: str | None
    country: str | None
    transfers_active: bool
    payouts_enabled: bool
    details_submitted: bool
    currently_due: tuple[str, ...]
    past_due: tuple[str, ...]
    pending_verification: tuple[str, ...]
    disabled_reason: str | None


@dataclass(frozen=True)
class OnboardingLink:
    """Where the owner of an account tells Stripe what it asks for: once, within minutes. `expires_at` in
    seconds since 1970."""

    url: str
    expires_at: int


# Destination charges need the platform and the provider's account in one of these regions
# (docs.stripe.com/connect/destination-charges); elsewhere other ways to split are needed, which are not
# built, so such a provider can't be paid.
_EUROPE = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
_REGIONS = (
    *(frozenset({one}) for one in "AU BR CA HK IN JP MX MY NZ SG TH AE US".split()),
    frozenset(_EUROPE.split()),
)


def can_be_split(platform_country: str, provider_country: str) -> bool:
    """Whether a charge of the platform can be divided with an account of that country."""
    return any({platform_country, provider_country} <= region for region in _REGIONS)
