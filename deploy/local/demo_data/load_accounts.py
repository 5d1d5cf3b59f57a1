"""Owners of the first providers of the demo world, who sign in while `make load` runs."""

from __future__ import annotations

from typing import Any

from deploy.local.demo_data.people import DEMO_PASSWORD
from deploy.local.demo_data.providers import DEMO_PROVIDER, all_providers
from deploy.local.demo_data.stable import stable_id

OWNERS = 20


def owner_email(number: int) -> str:
    """Of the owner of provider `number`, below `OWNERS`."""
    return f"owner{number}@load.demo.test"


def owners() -> list[dict[str, Any]]:
    """Their accounts, in the form of accounts.json."""
    return [
        {
            "id": stable_id("load owner", number),
            "email": owner_email(number),
            "name": f"Owner {number}",
            "password": DEMO_PASSWORD,
            "locale": "en",
            "time_zone": provider.city.time_zone,
            "roles": ["provider"],
            "memberships": [{"provider_id": provider.id, "role": "owner", "staff_id": provider.staff[0].id}],
        }
        for number, provider in enumerate(
            provider for provider in all_providers() if _is_theirs(provider.number)
        )
        if number < OWNERS
    ]


def _is_theirs(number: int) -> bool:
    """All but the one whose owner is provider@demo.test."""
    return number != DEMO_PROVIDER
