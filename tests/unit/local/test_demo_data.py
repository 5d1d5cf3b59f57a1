"""The demo data keep what the importers and the journey count on."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest

from deploy.local.demo_data.categories import CATEGORIES
from deploy.local.demo_data.cities import CITIES
from deploy.local.demo_data.documents import documents

Document = dict[str, Any]


@pytest.fixture(scope="module")
def world() -> dict[str, Document]:
    return documents()


@pytest.fixture(scope="module")
def providers(world: dict[str, Document]) -> list[Document]:
    return list(world["catalogue.json"]["providers"])


def kilometres(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Great-circle distance."""
    north1, east1, north2, east2 = map(math.radians, (*first, *second))
    half = (
        math.sin((north2 - north1) / 2) ** 2
        + math.cos(north1) * math.cos(north2) * math.sin((east2 - east1) / 2) ** 2
    )
    return 2 * 6371 * math.asin(math.sqrt(half))


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_same_every_time(world: dict[str, Document]) -> None:
    assert documents() == world


def test_at_least_300_providers_in_seven_cities_on_four_continents(providers: list[Document]) -> None:
    assert len(providers) >= 300
    assert {city.name for city in CITIES} == {provider["city"] for provider in providers}
    assert {"New York", "London", "Riyadh", "Tokyo"} <= {provider["city"] for provider in providers}
    assert len({city.continent for city in CITIES}) >= 3
    assert {"USD", "GBP", "SAR", "JPY", "KWD"} <= {provider["currency"] for provider in providers}


def test_twelve_categories_each_with_providers(world: dict[str, Document], providers: list[Document]) -> None:
    categories = {category["id"]: category["slug"] for category in world["catalogue.json"]["categories"]}
    assert len(categories) == len(CATEGORIES) == 12
    offered = {service["category_id"] for provider in providers for service in provider["services"]}
    assert offered == set(categories)


def test_names_in_english_and_arabic(providers: list[Document]) -> None:
    for thing in [*providers, *(service for provider in providers for service in provider["services"])]:
        assert thing["name"]["en"].isascii()
        assert any("\u0600" <= letter <= "\u06ff" for letter in thing["name"]["ar"])
    assert len({provider["name"]["en"] for provider in providers}) == len(providers)


def test_ids_are_uuid7_and_unique(world: dict[str, Document], providers: list[Document]) -> None:
    calendar = world["calendar.json"]
    ids = [provider["id"] for provider in providers]
    ids += [service["id"] for provider in providers for service in provider["services"]]
    ids += [review["id"] for provider in providers for review in provider["reviews"]]
    ids += [person["id"] for provider in calendar["providers"] for person in provider["staff"]]
    ids += [absence["id"] for provider in calendar["providers"] for absence in provider["time_off"]]
    ids += [booking["id"] for booking in calendar["past_bookings"]]
    ids += [account["id"] for account in world["accounts.json"]["accounts"]]
    assert len(set(ids)) == len(ids)
    assert all(UUID(text).version == 7 and text == text.lower() for text in ids)


def test_coordinates_lie_in_the_city_and_zones_exist(providers: list[Document]) -> None:
    centres = {city.name: (city.districts[0].latitude, city.districts[0].longitude) for city in CITIES}
    for provider in providers:
        assert kilometres(centres[provider["city"]], (provider["latitude"], provider["longitude"])) < 25
        assert provider["time_zone"] in available_timezones()


def test_services_have_positive_prices_in_the_providers_currency(providers: list[Document]) -> None:
    for provider in providers:
        assert 2 <= len(provider["services"]) <= 4
        for service in provider["services"]:
            assert service["price"]["currency"] == provider["currency"]
            assert service["price"]["amount"] > 0
            assert provider["currency"] != "KWD" or service["price"]["amount"] % 10 == 0  # rule M3


def test_calendar_agrees_with_the_catalogue(world: dict[str, Document], providers: list[Document]) -> None:
    calendar = {entry["provider_id"]: entry for entry in world["calendar.json"]["providers"]}
    assert set(calendar) == {provider["id"] for provider in providers}
    for provider in providers:
        entry = calendar[provider["id"]]
        catalogue = [(s["id"], s["duration_minutes"], s["price"]) for s in provider["services"]]
        assert [(s["id"], s["duration_minutes"], s["price"]) for s in entry["services"]] == catalogue
        assert entry["time_zone"] == provider["time_zone"]
        assert 1 <= len(entry["staff"]) <= 3
        assert {service for person in entry["staff"] for service in person["service_ids"]} == {
            s[0] for s in catalogue
        }


def test_hours_vary(world: dict[str, Document]) -> None:
    entries = world["calendar.json"]["providers"]
    windows = [(row["opens"], row["closes"]) for entry in entries for row in entry["opening_hours"]]
    assert windows.count(("09:00", "18:00")) > len(windows) / 2
    assert ("18:00", "26:00") in windows
    assert ("09:00", "12:30") in windows
    assert any(entry["time_off"] for entry in entries)


def test_past_bookings_are_over_open_and_never_overlap(world: dict[str, Document]) -> None:
    calendar = world["calendar.json"]
    entries = {entry["provider_id"]: entry for entry in calendar["providers"]}
    taken: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for booking in calendar["past_bookings"]:
        start, end = instant(booking["starts_at"]), instant(booking["ends_at"])
        assert datetime(2026, 1, 4, tzinfo=UTC) < start < end < datetime(2026, 11, 1, tzinfo=UTC)
        assert all(
            end <= other_start or start >= other_end for other_start, other_end in taken[booking["staff_id"]]
        )
        taken[booking["staff_id"]].append((start, end))
        assert is_open(entries[booking["provider_id"]], start, end)
        assert instant(booking["created_at"]) < start


def is_open(entry: Document, start: datetime, end: datetime) -> bool:
    """True when one window of the provider covers the visit by the local clock."""
    zone = ZoneInfo(entry["time_zone"])
    local_start, local_end = (moment.astimezone(zone).replace(tzinfo=None) for moment in (start, end))
    for row in entry["opening_hours"]:
        for days_back in (0, 1):
            midnight = datetime.combine(local_start.date() - timedelta(days=days_back), datetime.min.time())
            opens, closes = (midnight + minutes(row[edge]) for edge in ("opens", "closes"))
            if midnight.isoweekday() == row["weekday"] and opens <= local_start and local_end <= closes:
                return True
    return False


def minutes(wall_time: str) -> timedelta:
    hours, rest = wall_time.split(":")
    return timedelta(hours=int(hours), minutes=int(rest))


def test_reviews_belong_to_completed_bookings(world: dict[str, Document], providers: list[Document]) -> None:
    bookings = {booking["id"]: booking for booking in world["calendar.json"]["past_bookings"]}
    reviewed = set()
    for provider in providers:
        for review in provider["reviews"]:
            booking = bookings[review["booking_id"]]
            assert booking["status"] == "completed"
            assert (booking["customer_id"], booking["provider_id"]) == (review["customer_id"], provider["id"])
            assert review["created_at"] > booking["ends_at"]
            assert 1 <= review["rating"] <= 5
            reviewed.add(review["booking_id"])
    assert len(reviewed) == sum(len(provider["reviews"]) for provider in providers) > 500


def test_demo_accounts_and_their_provider(world: dict[str, Document], providers: list[Document]) -> None:
    accounts = {account["email"]: account for account in world["accounts.json"]["accounts"]}
    assert {email for email, account in accounts.items() if account["password"]} == {
        "customer@demo.test",
        "provider@demo.test",
        "admin@demo.test",
    }
    [membership] = accounts["provider@demo.test"]["memberships"]
    [provider] = [provider for provider in providers if provider["id"] == membership["provider_id"]]
    assert kilometres((40.7128, -74.0060), (provider["latitude"], provider["longitude"])) < 10
    hour = next(service for service in provider["services"] if service["duration_minutes"] == 60)
    assert hour["price"] == {"amount": 10_000, "currency": "USD"}


def test_one_provider_cannot_be_paid(providers: list[Document]) -> None:
    [provider] = [provider for provider in providers if not provider["payable"]]
    assert provider["city"] == "New York"
