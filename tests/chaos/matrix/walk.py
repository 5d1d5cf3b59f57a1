"""What a customer does before, in and after a step, and how it must stand for them then."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests

from deploy.local.stack import Stack
from tests.chaos.matrix.visit import Visit
from tests.fixtures.database_clock import clock_offset
from tests.fixtures.table_lock import table_lock

Act = Callable[[Visit], object]

CONFIRMED = "confirmed, paid"
PAID_BACK = "cancelled, paid back"
TIMEOUT_SECONDS = 20.0


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
    ahead: Callable[[Visit], timedelta] | None = None
    """How far ahead booking lives from the step on until it stands: who comes back has it to do again."""

    @staticmethod
    def nothing(visit: Visit) -> None:
        """The customer does nothing: the clock does."""

    @contextmanager
    def obstacles(self, stack: Stack, visit: Visit) -> Iterator[None]:
        """Within the block what this walk wants to be in the way is in the way."""
        with ExitStack() as open_obstacles:
            if self.locks:
                open_obstacles.enter_context(table_lock(stack.admin_database_url("notify"), self.locks))
            if self.orders:
                open_obstacles.enter_context(_ordered(stack, self.orders))
            yield

    def clock(self, stack: Stack, visit: Visit) -> AbstractContextManager[None]:
        """Within the block booking lives as far ahead as this walk wants."""
        return booking_later(stack, self.ahead(visit)) if self.ahead else nullcontext()


def booking_later(stack: Stack, ahead: timedelta) -> AbstractContextManager[None]:
    """Within the block booking lives so much later."""
    return clock_offset(stack.admin_database_url("booking"), "care_booking", ahead)


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
