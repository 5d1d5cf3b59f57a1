"""Chooses for each customer of a run a provider's day with free times that nobody else of the run wants."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from deploy.local.demo_data.providers import Provider, all_providers
from tests.fixtures.customer import Customer
from tests.rolling.people import Offer

TIMES = 3
FIRST_DAY, LAST_DAY = 8, 60
PROVIDERS = 25
"""Of different cities and categories, so that no calendar is everybody's."""


def find_offers(url: str, count: int) -> list[Offer]:
    """So many offers, no two of one provider and day. Raises AssertionError when there are not enough."""
    found: list[Offer] = []
    for provider, day in _days():
        service_id = provider.services[0].id
        times = _free_times(url, provider.id, service_id, day)
        if len(times) >= TIMES:
            found.append(Offer(provider.id, service_id, day, times[:TIMES]))
        if len(found) == count:
            return found
    raise AssertionError(f"{len(found)} of {count} days with {TIMES} free times")


def _days() -> Iterator[tuple[Provider, str]]:
    payable = [provider for provider in all_providers() if provider.is_payable]
    chosen = payable[:: max(1, len(payable) // PROVIDERS)]
    for ahead in range(FIRST_DAY, LAST_DAY):
        for provider in chosen:
            today = datetime.now(ZoneInfo(provider.city.time_zone)).date()
            yield provider, (today + timedelta(days=ahead)).isoformat()


def _free_times(url: str, provider_id: str, service_id: str, day: str) -> tuple[str, ...]:
    with Customer(url) as stranger:
        path = f"customer/providers/{provider_id}/availability"
        answer = stranger.get(path, serviceId=service_id, date=day)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return ()  # a provider of the demo data that is not published
        assert answer.status_code == HTTPStatus.OK, answer.text
        return tuple(slot["localTime"] for slot in answer.json()["data"]["slots"])
