"""The requests that customers and strangers send to the gateway, as they go over the wire."""

import itertools
import json
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.bench import world
from tests.bench.people import People
from tests.bench.wire import Asked, raw_request
from tests.bench.world import Provider

WORDS = ("massage", "physio", "nurse", "care", "home", "therapy", "child", "elder")
SORTS = ("relevance", "distance", "rating", "price")
API = "/api/v1/customer"


class Looks:
    """What strangers ask: searches, profiles, free times. The same seed asks the same."""

    def __init__(self, people: People, seed: int = 1) -> None:
        self._address = people.stranger
        self._random = random.Random(seed)  # noqa: S311 - nobody's secret
        self._providers = world.providers()
        self._untouched = self._days_of_all()

    def search(self, radius: int = 10) -> Asked:
        """One that nobody has asked: the point is another each time."""
        north, east = (self._random.uniform(-0.2, 0.2) for _ in range(2))
        latitude, longitude = world.CENTRE
        return self._search(latitude + north, longitude + east, radius)

    def popular_search(self, among: int = 20) -> Asked:
        """One of some that everybody asks."""
        number = self._random.randrange(among)
        latitude, longitude = world.CENTRE
        return self._search(latitude + number / 200, longitude, 10, number)

    def popular_profile(self, among: int = 20) -> Asked:
        return self._get("profile", f"providers/{self._providers[self._random.randrange(among)].id}")

    def popular_times(self, among: int = 20) -> Asked:
        provider = self._providers[self._random.randrange(among)]
        return self.times(provider, world.day(world.FIRST_DAY))

    def untouched_times(self) -> Asked:
        """Free times of a provider and day that were not asked for yet."""
        provider, day = next(self._untouched)
        return self.times(provider, day)

    def times(self, provider: Provider, day: str, service_id: str = "", staff_id: str = "") -> Asked:
        wanted = {"serviceId": service_id or provider.service_id, "date": day, "staffId": staff_id}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return self._get("availability", f"providers/{provider.id}/availability?{query}")

    def _search(self, latitude: float, longitude: float, radius: int, number: int | None = None) -> Asked:
        place = self._random.randrange(len(WORDS) * len(SORTS)) if number is None else number
        query = {
            "query": WORDS[place % len(WORDS)],
            "latitude": f"{latitude:.3f}",
            "longitude": f"{longitude:.3f}",
            "radiusKm": radius,
            "sort": SORTS[place // len(WORDS) % len(SORTS)],
        }
        return self._get("search", f"search?{urlencode(query)}")

    def _get(self, kind: str, path: str) -> Asked:
        return Asked(kind, raw_request("GET", f"{API}/{path}", headers={"X-Forwarded-For": self._address()}))

    def _days_of_all(self) -> Iterator[tuple[Provider, str]]:
        """Every provider's days, in an order in which neighbours have nothing in common; then again."""
        every = list(
            itertools.product(
                self._providers, (world.day(ahead) for ahead in range(world.FIRST_DAY, world.LAST_DAY))
            )
        )
        self._random.shuffle(every)
        return itertools.cycle(every)


@dataclass(frozen=True)
class Held:
    """A booking that waits to be paid."""

    customer: int
    booking_id: str


class Commands:
    """What customers do: hold free times that nobody else goes for, pay, look at their own."""

    def __init__(self, people: People) -> None:
        self._people = people
        nights = [*range(world.OPENS), *range(world.CLOSES, 24)]
        large = world.large_provider()
        self._houses = _slots(world.providers(), range(world.OPENS, world.CLOSES))
        self._large = _slots([large] * large.staff, nights)
        self._others = itertools.cycle(range(world.PROVIDERS, world.CUSTOMERS))
        self.held: deque[Held] = deque()

    def book(self) -> Asked:
        """At one of a thousand providers."""
        return self._book(next(self._houses))

    def book_large(self) -> Asked:
        """All at one provider."""
        return self._book(next(self._large))

    def book_at(self, provider: Provider, ahead: int, hour: int) -> Asked:
        """By customers who book nothing else."""
        return self._book(Slot(provider, ahead, hour, next(self._others)))

    def pay(self) -> Asked:
        """What was held longest. Raises IndexError when nothing is held."""
        held = self.held.popleft()
        body = {"bookingId": held.booking_id, "paymentMethodId": "pm_card_visa"}
        return self._post("pay", "payments/process", held.customer, body, b"200")

    def look_at_own(self, kind: int) -> Asked:
        """The own bookings, or the inbox."""
        path = (f"{API}/bookings?limit=20", "/api/v1/notifications?limit=20")[kind % 2]
        headers = self._people.headers_of(self._people.next_customer())
        return Asked("own", raw_request("GET", path, headers=headers))

    def _book(self, slot: "Slot") -> Asked:
        body = {
            "providerId": slot.provider.id,
            "serviceId": slot.provider.service_id,
            "bookingDate": world.day(slot.ahead),
            "startTime": f"{slot.hour:02}:00",
        }
        return self._post("book", "bookings", slot.customer, body, b"201", self._keep(slot.customer))

    def _keep(self, customer: int) -> Callable[[bytes], None]:
        def keep(answer: bytes) -> None:
            self.held.append(Held(customer, json.loads(answer)["data"]["bookingId"]))

        return keep

    def _post(
        self,
        kind: str,
        path: str,
        customer: int,
        body: dict[str, str],
        expected: bytes,
        then: Callable[[bytes], None] | None = None,
    ) -> Asked:
        headers = self._people.headers_of(customer) | {"Content-Type": "application/json"}
        raw = raw_request("POST", f"{API}/{path}", json.dumps(body).encode(), headers)
        return Asked(kind, raw, expected, then)


@dataclass(frozen=True)
class Slot:
    """An hour of a provider, and for whom: nobody is to be in two places."""

    provider: Provider
    ahead: int
    hour: int
    customer: int


def _slots(providers: list[Provider], hours: range | list[int]) -> Iterator[Slot]:
    """One hour of each of them, each for another customer, then the next hour."""
    customers = itertools.cycle(range(world.PROVIDERS))
    for ahead, hour in itertools.product(range(world.FIRST_DAY, world.LAST_DAY), hours):
        for provider in providers:
            yield Slot(provider, ahead, hour, next(customers))
