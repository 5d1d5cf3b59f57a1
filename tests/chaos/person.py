"""One customer as the history sees it: every request is written down, every command repeated until its
outcome is known."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from shared.ids import new_id
from tests.chaos.history import Exchange, History
from tests.fixtures.customer import PASSWORD, Customer

OF_BOOKING = (
    "reschedule",
    "reschedule_quote",
    "accept",
    "decline",
    "start",
    "complete",
    "no_show",
    "contest",
    "decide",
    "notes",
    "preview_series",
    "create_series",
    "cancel_series",
    "reschedule_series",
    "series",
    "series_quote",
    "join",
    "leave",
    "decline_offer",
    "waitlist",
)
NEEDS = {
    "register": ("gateway", "redis", "postgresql"),
    "login": ("gateway", "redis", "postgresql"),
    "search": ("gateway", "redis", "rabbitmq", "postgresql", "search"),
    "profile": ("gateway", "redis", "rabbitmq", "postgresql", "search"),
    "availability": ("gateway", "redis", "rabbitmq", "postgresql", "booking"),
    "create": ("gateway", "redis", "rabbitmq", "postgresql", "booking"),
    "cancel": ("gateway", "redis", "rabbitmq", "postgresql", "booking"),
    "booking": ("gateway", "redis", "rabbitmq", "postgresql", "booking"),
    "bookings": ("gateway", "redis", "rabbitmq", "postgresql", "booking"),
    "refund_quote": ("gateway", "redis", "rabbitmq", "postgresql", "booking"),
    **dict.fromkeys(OF_BOOKING, ("gateway", "redis", "rabbitmq", "postgresql", "booking")),
    "pay": ("gateway", "redis", "rabbitmq", "postgresql", "payment", "booking"),
    "pay_series": ("gateway", "redis", "rabbitmq", "postgresql", "payment", "booking"),
    "confirm": ("gateway", "redis", "rabbitmq", "postgresql", "payment"),
    "payment": ("gateway", "redis", "rabbitmq", "postgresql", "payment"),
    "payments": ("gateway", "redis", "rabbitmq", "postgresql", "payment"),
    "preview_refund": ("gateway", "redis", "rabbitmq", "postgresql", "payment"),
    "give_back": ("gateway", "redis", "rabbitmq", "postgresql", "payment"),
    "inbox": ("gateway", "redis", "rabbitmq", "postgresql", "notify"),
    "authenticate": ("standin",),
}
"""Which parts of the platform work on a request of this kind."""

LONGEST_PAUSE_SECONDS = 3.0
SIGNED_OUT, LIMITED = 401, 429


@dataclass
class Calls:
    """How the run is going for everybody: where to ask, where it is written, whether it ends."""

    url: str
    standin_url: str
    history: History
    ending: threading.Event = field(default_factory=threading.Event)
    """No visit begins any more; commands are repeated until their outcome is known."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Nobody asks anything any more."""


class Person:
    """A customer with an account and an address of its own."""

    def __init__(self, calls: Calls, name: str) -> None:
        self.calls = calls
        self.name = name
        self.customer = Customer(calls.url)
        self.password = PASSWORD
        self._client_secrets: dict[str, str] = {}

    def sign_up(self) -> None:
        """Make an account and sign in; before anything is broken."""
        self.customer.email = f"{self.name}-{new_id()}@example.test"
        body = {"email": self.customer.email, "password": PASSWORD, "name": self.name}
        self._until_success("register", "auth/register", body)
        self.sign_in()
        self.customer.user_id = self.ask("me", "GET", "auth/me").data.get("userId", "")

    def sign_in(self) -> None:
        body = {"email": self.customer.email, "password": self.password}
        self._until_success("login", "auth/login", body)

    def insist(self, action: str, path: str, body: Any, key: str, method: str = "POST") -> Exchange:
        """Command, and repeat it with its key until the outcome is known or the run is over."""
        pause = 0.3
        while True:
            exchange = self.ask(action, method, path, body, key)
            if self.calls.ended.is_set() or (exchange.is_outcome_known and exchange.status != SIGNED_OUT):
                return exchange
            if exchange.status == SIGNED_OUT:
                self.sign_in()
            elif exchange.status == LIMITED and self.calls.ending.is_set():
                # It may be a minute until one may command again.
                return exchange
            self.pause(pause)
            pause = min(pause * 1.6, LONGEST_PAUSE_SECONDS)

    def ask(
        self,
        action: str,
        method: str,
        path: str,
        body: Any = None,
        key: str = "",
        params: dict[str, Any] | None = None,
    ) -> Exchange:
        """Send one request; what came of it is in the history."""
        exchange = self._begin(action, path, key, _without_secrets(body) or params)
        with self.calls.history.exchange(exchange):
            try:
                headers = {"Idempotency-Key": key} if key else None
                answer = self.customer.call(method, path, json=body, params=params, headers=headers)
            except requests.RequestException as error:
                exchange.code = type(error).__name__
            else:
                self._note(exchange, answer)
        if exchange.status == LIMITED:
            self.pause(min(float(answer.headers.get("Retry-After", "1")), LONGEST_PAUSE_SECONDS))
        return exchange

    def authenticate(self, payment: dict[str, Any], is_successful: bool) -> None:
        """What the customer does on the page of their bank; the stand-in's page is one request."""
        path = f"payment_intents/{payment['paymentIntentId']}/_authenticate"
        sent = {
            "client_secret": self._client_secrets[payment["paymentIntentId"]],
            "success": "true" if is_successful else "false",
            "key": "pk_test_chaos",
        }
        for _ in range(5):
            exchange = self._begin("authenticate", path, "", {"success": is_successful})
            with self.calls.history.exchange(exchange):
                try:
                    answer = requests.post(f"{self.calls.standin_url}/v1/{path}", data=sent, timeout=20)
                    exchange.status = answer.status_code
                except requests.RequestException as error:
                    exchange.code = type(error).__name__
            if exchange.is_outcome_known:
                return
            self.pause(0.5)

    def pause(self, seconds: float) -> None:
        """Think; nobody thinks on when the run is over."""
        self.calls.ended.wait(seconds)

    def _begin(self, action: str, path: str, key: str, body: Any) -> Exchange:
        needs = NEEDS.get(action, ("gateway",))
        return Exchange(0, self.name, action, path, key, body, time.time(), time.monotonic(), needs=needs)

    def _note(self, exchange: Exchange, answer: requests.Response) -> None:
        """Write down what came back; tokens and client secrets stay in memory."""
        exchange.status = answer.status_code
        try:
            exchange.answer = answer.json()
        except requests.JSONDecodeError:
            exchange.answer = {"text": answer.text[:500]}
        if not isinstance(exchange.answer, dict):
            return
        exchange.code = str(exchange.answer.get("code", ""))
        data = exchange.data
        if data.get("clientSecret"):
            self._client_secrets[data["paymentIntentId"]] = data.pop("clientSecret")
        if "accessToken" in data:
            self.customer.token = data["accessToken"]
            exchange.answer = {}

    def _until_success(self, action: str, path: str, body: Any) -> Exchange | None:
        while not self.calls.ended.is_set():
            exchange = self.ask(action, "POST", path, body)
            if exchange.is_success:
                return exchange
            if action == "register" and exchange.code == "email_taken":
                return exchange
            self.pause(1.0)
        return None


def _without_secrets(body: Any) -> Any:
    return {**body, "password": "..."} if isinstance(body, dict) and "password" in body else body
