"""The journey's first steps: an account, a search, a profile, free times."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.fixtures.customer import PASSWORD, Customer
from tests.fixtures.realtime_client import RealtimeClient
from tests.journey.walk import Visitor, Walk

NEAR_CITY_HALL = {"latitude": 40.7128, "longitude": -74.0060, "radiusKm": 10}
OWNER = ("provider@demo.test", "demo-password-1")
SEARCHES = "care_rpc_server_seconds_count"


def register(walk: Walk) -> list[str]:
    """Promise H1: an account, then a token for it."""
    customer = walk.newcomer()
    customer.open_account()
    walk.visitors.append(Visitor(customer, RealtimeClient(walk.url)))
    return [f"201, account {customer.email}"]


def sign_in(walk: Walk) -> list[str]:
    walk.first.sign_in(walk.first.email, PASSWORD)
    walk.visitors[0].socket.sign_in(walk.first.token)
    return ["200, access and refresh token", "auth/me knows the account"]


def search_for_a_massage(walk: Walk) -> list[str]:
    """Promise B1: by text, place and radius."""
    found = _search(walk)
    distances = [provider["distanceKm"] for provider in found]
    assert found, "nobody was found"
    assert all(distance <= NEAR_CITY_HALL["radiusKm"] for distance in distances), distances
    with walk.newcomer() as owner:
        owner.sign_in(*OWNER)
        walk.provider_id = owner.get("auth/me").json()["data"]["memberships"][0]["providerId"]
    assert walk.provider_id in [provider["providerId"] for provider in found]
    return [f"{len(found)} providers, {min(distances)} to {max(distances)} km away"]


def search_again_from_the_cache(walk: Walk) -> list[str]:
    """Promise B7: the same question is answered without asking search."""
    if "search" not in walk.metrics:
        _search(walk)
        return ["not checked: search's counter is not in reach"]
    before = walk.counter("search", SEARCHES, method="search_providers")
    _search(walk)
    assert walk.counter("search", SEARCHES, method="search_providers") == before, "search was asked again"
    return [f"search's request counter stands still at {before:.0f}"]


def _search(walk: Walk) -> list[dict[str, Any]]:
    answer = walk.first.get("customer/search", query="massage", sort="distance", limit=100, **NEAR_CITY_HALL)
    assert answer.status_code == 200, answer.status_code
    found: list[dict[str, Any]] = answer.json()["data"]["providers"]
    return found


def look_at_the_profile(walk: Walk) -> list[str]:
    """Promise B2: services, rating, distance from the customer."""
    answer = walk.first.get(
        f"customer/providers/{walk.provider_id}",
        latitude=NEAR_CITY_HALL["latitude"],
        longitude=NEAR_CITY_HALL["longitude"],
    )
    assert answer.status_code == 200, answer.status_code
    profile = answer.json()["data"]
    massage = next(
        service
        for service in profile["services"]
        if service["category"] == "massage" and service["listPrice"] == {"amount": 100.0, "currency": "USD"}
    )
    walk.service_id = massage["serviceId"]
    today = datetime.now(ZoneInfo(profile["timeZone"])).date()
    walk.today, walk.day = today.isoformat(), (today + timedelta(days=1)).isoformat()
    return [f"{profile['name']['en']}: {massage['name']['en']} for 100.00 USD", f"{profile['distanceKm']} km"]


def see_free_times(walk: Walk) -> list[str]:
    """Promise C1: free slots of a day in the provider's zone."""
    first_day = datetime.fromisoformat(walk.day).date() + timedelta(days=6)
    for ahead in range(75):
        walk.day = (first_day + timedelta(days=ahead)).isoformat()
        walk.slots = free_slots(walk, walk.first)
        if len(walk.slots) >= 3:
            times = ", ".join(slot["localTime"] for slot in walk.slots)
            return [f"{len(walk.slots)} free on {walk.day}: {times}"]
    raise AssertionError("no day with three free times")


def free_slots(walk: Walk, customer: Customer) -> list[dict[str, str]]:
    """The free times of the journey's day, one after the other without overlap."""
    answer = customer.get(
        f"customer/providers/{walk.provider_id}/availability", serviceId=walk.service_id, date=walk.day
    )
    assert answer.status_code == 200, answer.status_code
    apart: list[dict[str, str]] = []
    for slot in answer.json()["data"]["slots"]:
        if not apart or slot["startsAt"] >= apart[-1]["endsAt"]:
            apart.append(slot)
    return apart
