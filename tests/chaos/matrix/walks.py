"""What a customer does before, in and after a step, and how it must stand for them then."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from deploy.local.stack import Stack
from tests.chaos.customers import BAD_CARD, CARD, SECURE_CARD
from tests.chaos.matrix.visit import PUBLISHED, REGISTERED, Visit
from tests.fixtures.table_lock import table_lock

Act = Callable[[Visit], object]

CONFIRMED, ASKED = "confirmed, paid", "pending, requires_action"
PAID_BACK = "cancelled, paid back"
TIMEOUT_SECONDS = 20.0

HELD = [{"do": "hold", "times": 100}]
UNANSWERED = {
    "requests": [{"do": "error", "status": 500, "match": "POST /v1/payment_intents/{id}/confirm"}],
    "webhooks": HELD,
}
"""The card is charged and nobody says so."""


def _nothing(visit: Visit) -> None:
    """There is nothing to do."""


@dataclass(frozen=True)
class Walk:
    """`before` leads up to the step, `act` is it, `wanted` how it may stand when all of it has happened."""

    act: Act
    wanted: tuple[str, ...]
    before: Act = _nothing
    after: Act = _nothing
    """Leaves nothing behind that a later cell would meet."""
    locks: str = ""
    """A table of notify that is locked until a process has died, so that its handlers fail."""
    orders: Mapping[str, Any] = field(default_factory=dict)
    """What Stripe's proxy does until a process has died: answers get lost, webhooks are late."""

    is_patient: bool = False
    """It waits for what earlier payments have left to be done later."""

    @contextmanager
    def obstacles(self, stack: Stack) -> Iterator[None]:
        """Within the block what this walk wants to be in the way is in the way."""
        if self.locks:
            with table_lock(stack.admin_database_url("notify"), self.locks):
                yield
        elif self.orders:
            with _ordered(stack, self.orders):
                yield
        else:
            yield


@contextmanager
def _ordered(stack: Stack, orders: Mapping[str, Any]) -> Iterator[None]:
    proxy = f"{stack.standin_proxy_url}/_proxy"
    nothing: dict[str, Any] = {name: [] for name in orders}
    requests.put(f"{proxy}/faults", json=dict(orders), timeout=TIMEOUT_SECONDS).raise_for_status()
    try:
        yield
    finally:
        requests.put(f"{proxy}/faults", json=nothing, timeout=TIMEOUT_SECONDS).raise_for_status()
        requests.post(f"{proxy}/release", timeout=TIMEOUT_SECONDS).raise_for_status()


def _hold_and_pay(visit: Visit) -> None:
    visit.hold()
    visit.pay(CARD)
    visit.wait_to_stand(CONFIRMED)


def _pay(visit: Visit) -> None:
    visit.pay(CARD)


def _hold_and_be_asked(visit: Visit) -> None:
    """The bank asks for the card's owner."""
    visit.hold()
    visit.pay(SECURE_CARD)


def _say_yes_and_confirm(visit: Visit) -> None:
    visit.authenticate()
    visit.confirm()


_ONLY_IN_TIME = ("pending", "expired")
"""On a slow machine a hold of 5 s may end before anybody looks."""

WALKS: dict[str, Walk] = {
    "register": Walk(Visit.register, (REGISTERED,)),
    "publish": Walk(Visit.publish, (PUBLISHED,)),
    "hold": Walk(Visit.hold, _ONLY_IN_TIME, after=Visit.cancel),
    "hold, told late": Walk(Visit.hold, ("expired",), locks="notification"),
    "pay": Walk(_pay, (CONFIRMED,), before=Visit.hold),
    "be declined": Walk(
        lambda visit: visit.pay(BAD_CARD), _ONLY_IN_TIME, before=Visit.hold, after=Visit.cancel
    ),
    "pay unanswered": Walk(_pay, (CONFIRMED,), before=Visit.hold, orders=UNANSWERED),
    "be looked after": Walk(_pay, (CONFIRMED,), before=Visit.hold, orders=UNANSWERED, is_patient=True),
    "be asked": Walk(lambda visit: visit.pay(SECURE_CARD), (ASKED,), before=Visit.hold, after=Visit.cancel),
    "confirm": Walk(_say_yes_and_confirm, (CONFIRMED,), before=_hold_and_be_asked, orders={"webhooks": HELD}),
    "cancel": Walk(Visit.cancel, (PAID_BACK,), before=_hold_and_pay),
    "cancel unpaid": Walk(Visit.cancel, ("cancelled, taken back",), before=_hold_and_be_asked),
    "ask money back": Walk(Visit.ask_money_back, (PAID_BACK,), before=_hold_and_pay),
    "let expire": Walk(_nothing, ("expired",), before=Visit.hold),
}
