"""The traces of timers: one begins where a run finds something to do.

Most runs look, find nothing and are gone; a trace of each would cost more than the look.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from shared.telemetry import tracing
from shared.telemetry.attributes import TIMER

_timer: ContextVar[str] = ContextVar("timer", default="")


@contextmanager
def timer(name: str) -> Iterator[None]:
    """Within the block a timer runs."""
    token = _timer.set(name)
    try:
        yield
    finally:
        _timer.reset(token)


@contextmanager
def work_found() -> Iterator[None]:
    """Around what a timer has found to do: the root of a trace of its own. Elsewhere it adds nothing."""
    name = _timer.get()
    if not name:
        yield
        return
    with tracing.span(f"timer {name}", SpanKind.INTERNAL, {TIMER: name}, context=Context()):
        yield
