"""What stories share: their steps and how they are told, who takes part, and what answers say."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

import requests

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer

Object = dict[str, Any]
Told = TypeVar("Told")


@dataclass
class Cast:
    """Everybody who takes part, each from an address of their own."""

    url: str
    people: list[Customer] = field(default_factory=list)

    def customer(self) -> Customer:
        """Somebody new."""
        return self._with(Customer(self.url).register())

    def signed_in(self, email: str, password: str) -> Customer:
        """Somebody who has an account."""
        return self._with(Customer(self.url).sign_in(email, password))

    def leave(self) -> None:
        for person in self.people:
            person.close()
        self.people.clear()

    def _with(self, person: Customer) -> Customer:
        self.people.append(person)
        return person


@dataclass(frozen=True)
class Story(Generic[Told]):
    """`opened` makes what its steps carry; `ended` puts everything back as it was, whatever has failed."""

    opened: Callable[[Stack], Told]
    steps: Sequence[Callable[[Told], str]]
    ended: Callable[[Told], None]

    def tell(self, stack: Stack) -> int:
        """Tell every step with its time; 1 when a promise was broken."""
        told = self.opened(stack)
        try:
            for step in self.steps:
                started = time.perf_counter()
                said = step(told)
                milliseconds = (time.perf_counter() - started) * 1000
                sys.stdout.write(f"{milliseconds:8.0f} ms  {_named(step)}: {said}\n")
                sys.stdout.flush()
        except AssertionError as error:
            sys.stderr.write(f"FAILED  {_named(step)}: {error}\n")
            return 1
        finally:
            self.ended(told)
        return 0


def _named(step: Callable[..., str]) -> str:
    return step.__name__.replace("_", " ")


def data_of(answer: requests.Response, expected: int = 200) -> Object:
    """What a successful answer carries, amounts as exact decimals."""
    assert answer.status_code == expected, f"{answer.status_code}: {answer.text}"
    data: Object = answer.json(parse_float=Decimal)["data"]
    return data


def refusal_of(answer: requests.Response) -> Object:
    """The problem of a command that the state of things, or its numbers, do not allow."""
    assert answer.status_code in (requests.codes.conflict, requests.codes.unprocessable), answer.text
    problem: Object = answer.json(parse_float=Decimal)
    return problem
