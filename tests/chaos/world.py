"""The part of the demo world in which chaos takes place: one city's providers and those who work there."""

from typing import Any

from deploy.local.demo_data.documents import documents
from tests.chaos import house

CITY = "New York"
OWNER = "provider@demo.test"
PERSONS = frozenset({"customer@demo.test", OWNER, "admin@demo.test"})


def small_world() -> dict[str, dict[str, Any]]:
    """The documents of the demo data without other cities, and a house: imported within seconds."""
    content = documents()
    catalogue, calendar = content["catalogue.json"], content["calendar.json"]
    providers = [provider for provider in catalogue["providers"] if provider["city"] == CITY]
    kept = {provider["id"] for provider in providers}
    accounts = [account for account in content["accounts.json"]["accounts"] if account["email"] in PERSONS]
    calendars = [*_of(calendar["providers"], kept), house.calendar_entry()]
    return {
        "catalogue.json": catalogue | {"providers": [*providers, house.catalogue_entry()]},
        "calendar.json": calendar
        | {"providers": calendars, "past_bookings": _of(calendar["past_bookings"], kept)},
        "accounts.json": content["accounts.json"] | {"accounts": [*accounts, house.owner_account()]},
    }


def journeys_provider() -> str:
    """The provider whom the journey books."""
    accounts = documents()["accounts.json"]["accounts"]
    owner = next(account for account in accounts if account["email"] == OWNER)
    provider_id: str = owner["memberships"][0]["provider_id"]
    return provider_id


def _of(rows: list[dict[str, Any]], providers: set[str]) -> list[dict[str, Any]]:
    return [row for row in rows if row["provider_id"] in providers]
