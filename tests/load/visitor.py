"""Somebody who looks for care and has no account."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from locust import task

from deploy.local.demo_data.providers import Provider, all_providers
from tests.load.people import Person, chance

WORDS = ("massage", "physio", "nurse", "yoga", "care", "home", "therapy", "child", "elder", "تدليك", "رعاية")
SORTS = ("relevance", "distance", "rating", "price")
FIRST_DAY, LAST_DAY = 6, 80
PROVIDERS = [provider for provider in all_providers() if provider.is_payable]


class Visitor(Person):
    """Searches, looks at profiles and free times."""

    weight = 6

    @task(4)
    def search(self) -> None:
        provider = chance.choice(PROVIDERS)
        query = {
            "query": chance.choice(WORDS),
            "latitude": round(provider.latitude, 2),
            "longitude": round(provider.longitude, 2),
            "radiusKm": 20,
            "sort": chance.choice(SORTS),
        }
        self.look("search", f"customer/search?{urlencode(query)}")

    @task(1)
    def reviews(self) -> None:
        self.look("reviews", f"customer/providers/{chance.choice(PROVIDERS).id}/reviews")

    @task(1)
    def categories(self) -> None:
        self.look("categories", "customer/categories")

    @task(3)
    def profile(self) -> None:
        self.look("profile", f"customer/providers/{chance.choice(PROVIDERS).id}")

    @task(3)
    def availability(self) -> None:
        self.look("availability", times_of(chance.choice(PROVIDERS), some_day()))


def some_day() -> str:
    """A day on which a paid visit may be."""
    ahead = chance.randrange(FIRST_DAY, LAST_DAY)
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


def times_of(provider: Provider, day: str) -> str:
    query = urlencode({"serviceId": provider.services[0].id, "date": day})
    return f"customer/providers/{provider.id}/availability?{query}"
