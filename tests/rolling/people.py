"""The simulated customers: strangers who look around, and account holders who book, pay and cancel."""

import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

from shared.ids import new_id
from tests.fixtures.customer import Customer, new_address
from tests.rolling.connections import Answer, Asked, Connections

QUESTION_SECONDS = 6.0
"""Twice a question's own deadline: what takes longer has failed."""
COMMAND_SECONDS = 12.0
PAYMENT_SECONDS = 20.0
REQUESTS_PER_ADDRESS = 30
"""A stranger may search 50 times a minute; then somebody else comes, from another address."""
COMMANDS_A_MINUTE = 12
"""Of one account; the limit is 20, counted in two windows that overlap."""
PAY_PERCENT = 20
WORDS = ("massage", "physio", "nurse", "yoga", "care", "home", "therapy", "child", "elder", "تدليك", "رعاية")
PLACES = ((40.71, -74.0), (34.05, -118.24), (51.5, -0.12), (24.71, 46.67), (35.68, 139.69))
SORTS = ("relevance", "distance", "rating", "price")


class UnexpectedError(Exception):
    """A request failed: no answer in time, a connection lost, or another status than the one expected."""


@dataclass(frozen=True)
class Offer:
    """A provider's day with free times that only one customer of the run goes for."""

    provider_id: str
    service_id: str
    day: str
    times: tuple[str, ...]

    @property
    def availability(self) -> str:
        query = urlencode({"serviceId": self.service_id, "date": self.day})
        return f"customer/providers/{self.provider_id}/availability?{query}"


@dataclass(frozen=True)
class Request:
    """What is asked and the one status that is expected; `then` gets the answer."""

    name: str
    method: str
    path: str
    expected: int
    body: dict[str, Any] | None = None
    seconds: float = QUESTION_SECONDS
    then: Callable[[Answer], None] = lambda answer: None


class Person:
    """One client: an address, its connections, perhaps a token."""

    def __init__(self, host: str, port: int, offer: Offer, random_: random.Random) -> None:
        self._connections = Connections(host, port)
        self._random = random_
        self._asked = 0
        self.address = new_address()
        self.offer = offer
        self.token = ""

    def send(self, request: Request) -> bool:
        """Send it and check the status; True when it took a retry. Raises UnexpectedError."""
        try:
            answer = self._connections.ask(self._asked_for(request), request.seconds)
        except (OSError, HTTPException) as error:
            times = "; ".join(getattr(error, "__notes__", ()))
            raise UnexpectedError(f"{request.name}: {type(error).__name__}: {error} ({times})") from error
        if answer.status != request.expected:
            raise UnexpectedError(f"{request.name}: {answer.status} {answer.content[:300].decode()}")
        request.then(answer)
        return answer.retried

    def close(self) -> None:
        self._connections.close()

    def look_around(self) -> Request:
        """A search, a profile or free times."""
        kind = self._random.random()
        if kind < 0.4:
            return Request("search", "GET", f"customer/search?{urlencode(self._search())}", 200)
        if kind < 0.7:
            return Request("profile", "GET", f"customer/providers/{self.offer.provider_id}", 200)
        return Request("availability", "GET", self.offer.availability, 200)

    def _search(self) -> dict[str, Any]:
        latitude, longitude = self._random.choice(PLACES)
        return {
            "query": self._random.choice(WORDS),
            "latitude": round(latitude + self._random.uniform(-0.05, 0.05), 3),
            "longitude": longitude,
            "radiusKm": 20,
            "sort": self._random.choice(SORTS),
        }

    def _asked_for(self, request: Request) -> Asked:
        headers = {"X-Forwarded-For": self._current_address(), "Host": "localhost"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if request.method == "POST":
            headers |= {"Idempotency-Key": new_id(), "Content-Type": "application/json"}
        return Asked(request.method, f"/api/v1/{request.path}", request.body, headers)

    def _current_address(self) -> str:
        self._asked += 1
        if not self.token and self._asked % REQUESTS_PER_ADDRESS == 0:
            self.address = new_address()
        return self.address


class AccountHolder(Person):
    """A person with an account: one booking at a time, from hold to cancellation, one request a turn."""

    def __init__(self, host: str, port: int, offer: Offer, random_: random.Random) -> None:
        super().__init__(host, port, offer, random_)
        self.busy = threading.Lock()
        self.user_id = ""
        self._times = itertools.cycle(offer.times)
        self._booking_id = ""
        self._commands: deque[float] = deque([float("-inf")] * COMMANDS_A_MINUTE, COMMANDS_A_MINUTE)
        self._next: Callable[[], Request] = self._hold

    def register(self, url: str) -> None:
        """Open an account by the API, as people do."""
        with Customer(url, self.address) as customer:
            customer.register()
            self.token, self.user_id = customer.token, customer.user_id

    def look_at_own(self) -> Request:
        """The own bookings, or the inbox."""
        if self._random.random() < 0.5:
            return Request("bookings", "GET", "customer/bookings?limit=20", 200)
        return Request("notifications", "GET", "notifications?limit=20", 200)

    def go_on(self) -> Request:
        """The next step with the own booking, or a look around when there were many in this minute.

        The caller holds `busy` until it is answered.
        """
        now = time.monotonic()
        if now - self._commands[0] < 60:
            return self.look_around()
        self._commands.append(now)
        return self._next()

    def give_up(self) -> None:
        """After a step that failed: leave this booking alone and begin another."""
        self._next = self._hold

    def finish(self) -> Iterator[Request]:
        """The steps that are left until nothing is booked any more."""
        while self._next != self._hold:
            yield self._next()

    def read_bookings(self) -> list[dict[str, Any]]:
        """All own bookings as their owner tells them. Raises UnexpectedError."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            query = urlencode({"limit": 100} | ({"cursor": cursor} if cursor else {}))
            pages: list[Answer] = []
            self.send(
                Request("read state", "GET", f"customer/bookings?{query}", 200, None, then=pages.append)
            )
            found += pages[0].data()["bookings"]
            cursor = pages[0].next_page()
        return found

    def read_times(self) -> None:
        """The free times of the own offer's day. Raises UnexpectedError."""
        self.send(Request("read times", "GET", self.offer.availability, 200))

    def _hold(self) -> Request:
        body = {
            "providerId": self.offer.provider_id,
            "serviceId": self.offer.service_id,
            "bookingDate": self.offer.day,
            "startTime": next(self._times),
        }
        return Request("hold", "POST", "customer/bookings", 201, body, COMMAND_SECONDS, self._held)

    def _held(self, answer: Answer) -> None:
        self._booking_id = answer.data()["bookingId"]
        self._next = self._pay if self._random.randrange(100) < PAY_PERCENT else self._cancel

    def _cancel(self) -> Request:
        return self._cancellation({"reason": "another plan"})

    def _pay(self) -> Request:
        body = {"bookingId": self._booking_id, "paymentMethodId": "pm_card_visa", "tipAmount": 5}
        return Request("pay", "POST", "customer/payments/process", 200, body, PAYMENT_SECONDS, self._paid)

    def _paid(self, _: Answer) -> None:
        self._next = self._look

    def _look(self) -> Request:
        return Request("booking", "GET", f"customer/bookings/{self._booking_id}", 200, then=self._seen)

    def _seen(self, answer: Answer) -> None:
        if answer.data()["state"] == "confirmed":
            self._next = self._quote

    def _quote(self) -> Request:
        path = f"customer/bookings/{self._booking_id}/refund-quote"
        return Request("refund quote", "GET", path, 200, then=self._quoted)

    def _quoted(self, answer: Answer) -> None:
        body = {"refundQuoteId": answer.data()["quoteId"]}
        self._next = lambda: self._cancellation(body)

    def _cancellation(self, body: dict[str, Any]) -> Request:
        path = f"customer/bookings/{self._booking_id}/cancel"
        return Request("cancel", "POST", path, 200, body, COMMAND_SECONDS, self._cancelled)

    def _cancelled(self, _: Answer) -> None:
        self._next = self._hold
