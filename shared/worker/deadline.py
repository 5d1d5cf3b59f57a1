"""How much patience the caller of the running request has left."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared import clock

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def running_until(deadline: float) -> Iterator[None]:
    """Work under a deadline, an instant of `clock.monotonic`."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining_seconds(at_most: float) -> float:
    """Seconds until the running request's deadline, never below 0 and never above `at_most`.

    Outside of a request (a timer, an event) there is nobody to lose patience: `at_most`.
    """
    deadline = _deadline.get()
    if deadline is None:
        return at_most
    return max(0.0, min(at_most, deadline - clock.monotonic()))
