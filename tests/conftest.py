"""The running stack, for all tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from deploy.local.demo import load_demo_data
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from deploy.local.testing import INSTANCE

# No test is timed: how long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The instance of the tests with demo data: the one that `make test` started, else one for this run."""
    stack = Stack(INSTANCE)
    if stack.is_up():
        yield stack
        return
    try:
        stack.start(is_fresh=True)
        load_demo_data(stack, Progress(is_silent=True))
        yield stack
    finally:
        stack.stop()
