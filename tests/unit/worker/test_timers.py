"""A timer's failures are answered, counted and logged within bounds."""

import logging
from typing import Any

import pytest

from shared.errors import unavailable
from shared.worker.timers import LOG_EVERY_FAILURES, every


class Service:
    name = "probe"

    def __init__(self) -> None:
        self.failing = True

    @every(seconds=1)
    def tick(self) -> None:
        if self.failing:
            raise unavailable()


def test_an_outage_takes_a_line_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    service: Any = Service()
    with caplog.at_level(logging.INFO):
        for _ in range(LOG_EVERY_FAILURES + 1):
            assert service.tick() is not None
        service.failing = False
        assert service.tick() is None
    assert [record.getMessage() for record in caplog.records] == [
        "timer_refused",
        "timer_refused",
        "timer_recovered",
    ]
