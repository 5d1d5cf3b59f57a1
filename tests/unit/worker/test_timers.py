"""A timer's failures are answered, counted and logged within bounds; its trace begins with its work."""

import logging
from typing import Any

import pytest
from opentelemetry.trace import get_current_span

from shared.errors import unavailable
from shared.telemetry.timed_work import timer, work_found
from shared.worker.timers import LOG_EVERY_FAILURES, every
from tests.fixtures.spans import kept_spans


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


def test_only_a_run_that_finds_something_leaves_a_trace() -> None:
    """promise A7: of its own"""
    with kept_spans() as kept:
        with timer("probe.tick"):
            assert not get_current_span().get_span_context().is_valid
            with work_found():
                assert get_current_span().get_span_context().is_valid
        with work_found():
            pass
    assert [span.name for span in kept.spans] == ["timer probe.tick"]
