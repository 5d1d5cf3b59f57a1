"""How often each operation of Stripe's API was called: what tests of 'charged once' look at."""

from __future__ import annotations

from collections import Counter

_COLLECTION_THEN_ID = 2  # /v1/payment_intents/{id}/confirm: every second part from here on is an id


class Calls:
    """Calls that reached us, and those of them that went on to the stand-in."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.passed_on: Counter[str] = Counter()

    def forget(self) -> None:
        """Begin to count anew."""
        self.received.clear()
        self.passed_on.clear()


def operation_of(method: str, path: str) -> str:
    """The operation without the ids in its path: `POST /v1/payment_intents/{id}/confirm`."""
    parts = path.strip("/").split("/")
    for position in range(_COLLECTION_THEN_ID, len(parts), 2):
        parts[position] = "{id}"
    return f"{method} /{'/'.join(parts)}"
