"""Work that computes for long, in a thread of its own: the process goes on answering meanwhile."""

from collections.abc import Callable
from typing import TypeVar

from eventlet import tpool

Result = TypeVar("Result")


def aside(work: Callable[[], Result]) -> Result:
    """Do it in one of eventlet's few native threads. `work` opens nothing and waits for nothing: no database,
    no network, no lock of ours."""
    done: Result = tpool.execute(work)
    return done
