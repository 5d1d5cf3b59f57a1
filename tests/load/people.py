"""One simulated person: an address, perhaps an account, and requests whose answers are checked."""

import itertools
import json
import random
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from locust import FastHttpUser, between

API = "/api/v1"
PASSWORD = "correct-horse-battery-1"
chance = random.SystemRandom()
_numbers = itertools.count(chance.randrange(1 << 40))


class Person(FastHttpUser):  # type: ignore[misc]
    """Thinks some seconds between two requests, as people do; stays below every limit of one address."""

    abstract = True
    wait_time = between(2, 5)

    def on_start(self) -> None:
        """Another network each (2001:db8::/32, RFC 3849)."""
        number = next(_numbers)
        self.address = f"2001:db8:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}::1"
        self.token = ""

    def look(self, name: str, path: str) -> Any:
        """The data of a GET; None when it failed, which is reported under `name`."""
        return self.ask("GET", name, path)

    def send(
        self, name: str, path: str, body: Mapping[str, Any], expected: HTTPStatus = HTTPStatus.OK
    ) -> Any:
        """The data of a POST."""
        return self.ask("POST", name, path, body, (expected,))

    def ask(
        self,
        method: str,
        name: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        expected: tuple[HTTPStatus, ...] = (HTTPStatus.OK,),
    ) -> Any:
        """The data of an answer that has one of the expected statuses; None for every other one."""
        headers = {"X-Forwarded-For": self.address, "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body)
        with self.client.request(
            method, f"{API}/{path}", data=sent, headers=headers, name=name, catch_response=True
        ) as answer:
            if answer.status_code not in expected:
                answer.failure(f"{answer.status_code} {_code(answer.content)}")
                return None
            answer.success()
            return json.loads(answer.content).get("data")

    def open_account(self) -> None:
        """Register and sign in."""
        email = f"load-{next(_numbers):x}@example.test"
        body = {"email": email, "password": PASSWORD, "name": "Alex Doe"}
        self.send("register", "auth/register", body, HTTPStatus.CREATED)
        self.sign_in(email, PASSWORD)

    def sign_in(self, email: str, password: str) -> None:
        data = self.send("sign in", "auth/login", {"email": email, "password": password})
        self.token = data["accessToken"] if data else ""


def _code(body: bytes | None) -> str:
    """Of a refusal; locust counts by it. Empty where no answer came."""
    try:
        return str(json.loads(body or b"{}").get("code", ""))
    except ValueError:
        return "no JSON"
