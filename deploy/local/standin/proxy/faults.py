"""Faults on a test's order: each says which calls or webhooks it meets, what it does, and how many times."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# delay: answer late. cut: pass on, then close the connection without an answer.
# error: pass on, then answer with `status`; under a key that answer is the one that is kept, as Stripe does.
REQUEST_FAULTS = frozenset({"delay", "cut", "error"})
# delay: deliver late. drop: never. duplicate: twice. hold: keep until released, then in reverse order.
WEBHOOK_FAULTS = frozenset({"delay", "drop", "duplicate", "hold"})


@dataclass
class Fault:
    """One order; `match` is an operation or an event type, empty for all; `times` counts down."""

    do: str
    match: str = ""
    times: int = 1
    seconds: float = 0.0
    status: int = 500


class Faults:
    """The orders that are open, for requests and for webhooks."""

    def __init__(self) -> None:
        self._requests: list[Fault] = []
        self._webhooks: list[Fault] = []

    def order(self, document: dict[str, Any]) -> None:
        """Replace the sides that `{"requests": [...], "webhooks": [...]}` names; `{}` ends all orders.

        Raises ValueError for an unknown one.
        """
        names = document or {"requests": [], "webhooks": []}
        requests = _read(names.get("requests", []), REQUEST_FAULTS)
        webhooks = _read(names.get("webhooks", []), WEBHOOK_FAULTS)
        self._requests = requests if "requests" in names else self._requests
        self._webhooks = webhooks if "webhooks" in names else self._webhooks

    def left(self) -> dict[str, list[dict[str, Any]]]:
        """The orders with how many times each may still happen."""
        return {
            "requests": [asdict(fault) for fault in self._requests],
            "webhooks": [asdict(fault) for fault in self._webhooks],
        }

    def for_request(self, operation: str) -> Fault | None:
        """The fault that this call meets, used up by one."""
        return _take(self._requests, operation)

    def for_webhook(self, event_type: str) -> Fault | None:
        """The fault that this webhook meets, used up by one."""
        return _take(self._webhooks, event_type)


def _read(rows: list[dict[str, Any]], allowed: frozenset[str]) -> list[Fault]:
    try:
        faults = [Fault(**row) for row in rows]
    except TypeError as error:
        raise ValueError(str(error)) from error
    for fault in faults:
        if fault.do not in allowed:
            raise ValueError(f"unknown fault {fault.do}: one of {', '.join(sorted(allowed))}")
    return faults


def _take(faults: list[Fault], name: str) -> Fault | None:
    for fault in faults:
        if fault.match in ("", name) and fault.times > 0:
            fault.times -= 1
            return fault
    return None
