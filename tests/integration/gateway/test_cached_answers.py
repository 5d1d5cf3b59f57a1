"""The cache on real servers, in two processes: hits, ends, outages."""

import threading
import time
from typing import Any

import pytest

from shared.contracts import booking_events, search
from shared.ids import new_id
from tests.fixtures.customer import Customer, new_address
from tests.fixtures.waiting import wait_until
from tests.integration.gateway.gateway_process import Gateway

TEXTS = {"en": "x", "ar": None}
GET_PROVIDER = "search.get_provider"
PUBLISHED = {
    "name": TEXTS,
    "city": "New York",
    "country": "US",
    "time_zone": "America/New_York",
    "currency": "USD",
    "location": {"latitude": 1.0, "longitude": 2.0},
    "payable": True,
}


class Profile:
    """A provider whose city is the number of its version."""

    def __init__(self, gateway: Gateway) -> None:
        self.provider_id = new_id()
        self.version = 1
        self._gateway = gateway
        gateway.backstage.scripts[GET_PROVIDER] = self._answer

    def change(self) -> None:
        """The service has applied a change, and tells."""
        self.version += 1
        self._gateway.emit(
            search.PROVIDER_PUBLISHED, {"provider_id": self.provider_id, **PUBLISHED}, self.provider_id
        )

    def seen_by(self, customer: Customer) -> int:
        customer.address = new_address()
        answer = customer.get(f"customer/providers/{self.provider_id}")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["data"]["city"])

    def _answer(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "provider_id": self.provider_id,
            "name": TEXTS,
            "about": TEXTS,
            "city": str(self.version),
            "time_zone": "UTC",
            "currency": "USD",
            "location": {"latitude": 1.0, "longitude": 2.0},
            "distance_km": None,
            "rating": {"average": None, "count": 0},
            "services": [],
        }


@pytest.fixture
def profile(gateway: Gateway) -> Profile:
    return Profile(gateway)


def test_an_answer_is_asked_for_once(gateway: Gateway, profile: Profile, stranger: Customer) -> None:
    """promise B7: both processes read what one of them stored."""
    before = gateway.backstage.count(GET_PROVIDER)
    assert {profile.seen_by(stranger) for _ in range(10)} == {1}
    assert gateway.backstage.count(GET_PROVIDER) == before + 1


def test_a_change_is_seen_at_once(gateway: Gateway, profile: Profile, stranger: Customer) -> None:
    """promise B7: invalidated at once by changes."""
    for version in range(1, 5):
        assert profile.seen_by(stranger) == version
        profile.change()
        started = time.monotonic()
        wait_until(lambda v=version: profile.seen_by(stranger) == v + 1, "the change", seconds=2)  # type: ignore[misc]
        assert time.monotonic() - started < 1


def test_free_times_end_with_the_day_that_changed(gateway: Gateway, stranger: Customer) -> None:
    provider, service = new_id(), new_id()

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return {
            "provider_id": provider,
            "service_id": service,
            "date": request["date"],
            "time_zone": "UTC",
            "duration_minutes": 60,
            "price": {"amount": 10000, "currency": "USD"},
            "slots": [],
            "computed_at": "2026-11-24T12:00:00Z",
        }

    gateway.backstage.scripts["booking.get_availability"] = answer

    def asks(day: str) -> int:
        before = gateway.backstage.count("booking.get_availability")
        for _ in range(4):
            stranger.address = new_address()
            path = f"customer/providers/{provider}/availability"
            answer = stranger.get(path, serviceId=service, date=day)
            assert answer.status_code == 200
        return gateway.backstage.count("booking.get_availability") - before

    assert asks("2027-01-15") == 1
    assert asks("2027-01-16") == 1
    gateway.emit(
        booking_events.AVAILABILITY_CHANGED,
        {"provider_id": provider, "service_ids": [], "local_days": ["2027-01-15"]},
        provider,
    )
    wait_until(lambda: asks("2027-01-15") == 1, "the day that changed", seconds=3)
    assert asks("2027-01-16") == 0


def test_many_at_once_ask_the_service_once(gateway: Gateway, profile: Profile) -> None:
    """promise B7: once for each process at most."""
    answer = gateway.backstage.scripts[GET_PROVIDER]

    def slow(request: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.5)
        return answer(request)

    gateway.backstage.scripts[GET_PROVIDER] = slow
    before = gateway.backstage.count(GET_PROVIDER)
    seen: list[int] = []

    def ask() -> None:
        with Customer(gateway.url) as someone:
            seen.append(profile.seen_by(someone))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 20
    assert gateway.backstage.count(GET_PROVIDER) - before <= 2


def test_without_redis_it_is_slower_and_right(gateway: Gateway, profile: Profile, stranger: Customer) -> None:
    """promise B7, and limits are held in memory meanwhile (promise H4)."""
    assert profile.seen_by(stranger) == 1
    gateway.redis.cut()
    try:
        before = gateway.backstage.count(GET_PROVIDER)
        assert {profile.seen_by(stranger) for _ in range(5)} == {1}
        assert gateway.backstage.count(GET_PROVIDER) == before + 5
        profile.change()
        assert profile.seen_by(stranger) == 2
        with Customer(gateway.url) as hurried:
            codes = [hurried.get("auth/me").status_code for _ in range(30)]
        assert codes.count(401) <= 20
        assert 429 in codes
        assert gateway.parts()["redis"] == "degraded"
    finally:
        gateway.redis.restore()
    # What was stored before the outage is older than the change, and must not come back.
    assert {profile.seen_by(stranger) for _ in range(10)} == {2}
    gateway.wait_until_whole()
    assert {profile.seen_by(stranger) for _ in range(10)} == {2}
    before = gateway.backstage.count(GET_PROVIDER)
    profile.seen_by(stranger)
    assert gateway.backstage.count(GET_PROVIDER) == before


def test_while_changes_cannot_be_heard_nothing_is_read_from_the_cache(
    gateway: Gateway, profile: Profile, stranger: Customer
) -> None:
    """promise B7: the broker is away, so a stored answer may be old without anybody knowing."""
    assert profile.seen_by(stranger) == 1
    gateway.broker.cut()
    try:
        wait_until(
            lambda: all(gateway.parts()["cache"] == "degraded" for _ in range(6)), "the loss", seconds=5
        )
        started = time.monotonic()
        answer = stranger.get(f"customer/providers/{profile.provider_id}")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"]
        assert time.monotonic() - started < 1
        profile.change()
    finally:
        gateway.broker.restore()
    gateway.wait_until_whole()
    assert {profile.seen_by(stranger) for _ in range(10)} == {2}


def test_an_event_that_cannot_be_read_is_parked_and_stops_nothing(
    gateway: Gateway, profile: Profile, stranger: Customer
) -> None:
    before = gateway.waiting("parked.gateway")
    for body in (b"nonsense", b"[]", b'{"type": "provider_published"}'):
        gateway.send_raw(search.PROVIDER_PUBLISHED, body)
    wait_until(lambda: gateway.waiting("parked.gateway") == before + 3, "parked events")
    assert profile.seen_by(stranger) == 1
    profile.change()
    wait_until(lambda: profile.seen_by(stranger) == 2, "the change", seconds=3)
