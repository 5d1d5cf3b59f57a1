"""What the journey carries from step to step, and how a step is run, timed and told."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.fixtures.customer import Customer
from tests.fixtures.realtime_client import RealtimeClient

METRICS_SECONDS = 5.0
POLL_SECONDS = 0.25
"""An account may ask 120 times a minute: quicker polls of a busy machine would meet the limit."""


@dataclass
class Visitor:
    """A customer with an open socket."""

    customer: Customer
    socket: RealtimeClient


@dataclass
class Walk:
    """The running journey: the stack that it walks through and what it has found so far.

    `metrics` maps a process to its /metrics, `standin` is the address of Stripe's stand-in, where the
    customer authenticates, and `accounts` the command that prints the accounts of a booking, each
    where it can be reached from here.
    """

    url: str
    metrics: Mapping[str, str]
    standin: str = ""
    accounts: tuple[str, ...] = ()
    exchanges: list[requests.Response] = field(default_factory=list)
    provider_id: str = ""
    service_id: str = ""
    today: str = ""
    day: str = ""
    slots: list[dict[str, Any]] = field(default_factory=list)
    key: str = ""
    booking: dict[str, Any] = field(default_factory=dict)
    payment: dict[str, Any] = field(default_factory=dict)
    quote: dict[str, Any] = field(default_factory=dict)
    second: dict[str, Any] = field(default_factory=dict)
    webhooks_before: float = 0.0
    visitors: list[Visitor] = field(default_factory=list)
    winner: Visitor | None = None
    owner: Visitor | None = None

    def newcomer(self) -> Customer:
        """Somebody new, from an address of their own."""
        return Customer(self.url, observe=self.exchanges.append)

    @property
    def first(self) -> Customer:
        """The customer whom the journey follows."""
        return self.visitors[0].customer

    def everyone(self) -> list[Visitor]:
        return [*self.visitors, *([self.owner] if self.owner else [])]

    def counter(self, process: str, name: str, **labels: str) -> float:
        """The sum of a metric's samples with these labels, read from the process itself."""
        text = requests.get(self.metrics[process], timeout=METRICS_SECONDS).text
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in text.splitlines()
            if line.startswith(f"{name}{{") and all(part in line for part in wanted)
        )

    def close(self) -> None:
        for visitor in self.everyone():
            visitor.socket.close()
            visitor.customer.close()


Step = Callable[[Walk], list[str]]
"""Walks one step and answers what it checked. Raises AssertionError when a promise is broken."""


@dataclass(frozen=True)
class Done:
    """A step that was walked."""

    name: str
    milliseconds: float
    checked: list[str]


class JourneyError(Exception):
    """A step failed; the text holds the step's last request and answer."""


def walk_step(walk: Walk, step: Step) -> Done:
    """Run a step. Raises JourneyError with the last exchange when it fails."""
    walk.exchanges.clear()
    name = step.__name__.replace("_", " ")
    started = time.perf_counter()
    try:
        checked = step(walk)
    except (AssertionError, LookupError, requests.RequestException) as error:
        raise JourneyError(f"{name}: {error!r}\n{_last_exchange(walk)}") from error
    return Done(name, (time.perf_counter() - started) * 1000, checked)


def _last_exchange(walk: Walk) -> str:
    if not walk.exchanges:
        return "no request was sent"
    answer = walk.exchanges[-1]
    sent = answer.request
    return (
        f"request: {sent.method} {sent.url}\n{_shown(sent.body)}\n"
        f"answer: {answer.status_code}\n{_shown(answer.text)}"
    )


def _shown(body: Any) -> str:
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body or "")
    return text[:2000]


def write_report(done: list[Done], path: Path) -> None:
    """The steps as JSON: `[{name, ms, checked}]`."""
    rows = [{"name": step.name, "ms": round(step.milliseconds, 1), "checked": step.checked} for step in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
