"""Timers: work that nobody asks for. A run that fails is logged and counted, and the next comes as usual."""

import functools
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from eventlet import Timeout
from nameko.extensions import register_entrypoint
from nameko.timer import Timer as NamekoTimer

from shared import logs
from shared.errors import ServiceError
from shared.telemetry import metrics
from shared.telemetry.series import begin_at_zero
from shared.telemetry.timed_work import timer

log = logging.getLogger(__name__)

LOG_EVERY_FAILURES = 60
"""A timer that fails every second while the database is away fills no disk."""

Tick = Callable[[Any], None]


def every(seconds: float) -> Callable[[Tick], Tick]:
    """Run the method again and again, `seconds` after the start and after the end of each run.

    It runs in every process of the service at once: what must be done by one takes a row or a
    lock of the database first. What it finds to do, but for forgetting and measuring, it does in
    `shared.telemetry.timed_work.work_found`.
    """

    def decorate(method: Tick) -> Tick:
        streak = _Streak(method.__name__)

        @functools.wraps(method)
        def boundary(service: Any) -> Exception | None:
            try:
                method(service)
            except Exception as error:  # noqa: BLE001 - the boundary: the next run must come
                streak.failed(service.name, error)
                return error
            streak.succeeded(service.name)
            return None

        register_entrypoint(boundary, Timer(seconds))
        return boundary  # type: ignore[return-value]

    return decorate


class _Streak:
    """Failures in a row of one timer, so that a long outage takes a bounded number of log lines."""

    def __init__(self, timer: str) -> None:
        self._timer = timer
        self._failures = 0
        begin_at_zero(metrics.timer_runs, timer=(timer,), outcome=("ok", "failed"))

    def failed(self, service: str, error: Exception) -> None:
        self._failures += 1
        metrics.timer_runs.labels(self._timer, "failed").inc()
        if self._failures % LOG_EVERY_FAILURES != 1:
            return
        fields = {"service": service, "timer": self._timer, "failures": self._failures}
        if isinstance(error, ServiceError):
            logs.event(log, logging.WARNING, "timer_refused", code=error.code, **fields)
        else:
            log.error("timer_failed", exc_info=error, extra={"fields": fields})

    def succeeded(self, service: str) -> None:
        metrics.timer_runs.labels(self._timer, "ok").inc()
        if self._failures:
            logs.event(
                log, logging.INFO, "timer_recovered", service=service, timer=self._timer, after=self._failures
            )
        self._failures = 0


class Timer(NamekoTimer):  # type: ignore[misc]
    """The entrypoint behind `every`: nameko's, but after a long run it doesn't hurry to catch up."""

    def work_span(self) -> AbstractContextManager[None]:
        """None yet: a trace of its own begins where the run finds something to do."""
        return timer(f"{self.container.service_name}.{self.method_name}")

    def stop(self) -> None:
        """Start no other run; return when the running one has ended."""
        if self.gt is not None and not self.should_stop.ready():
            self.should_stop.send(True)
            self.gt.wait()

    def _run(self) -> None:
        while not self._stopped_within(self.interval):
            self.handle_timer_tick()
            self.worker_complete.wait()
            self.worker_complete.reset()

    def _stopped_within(self, seconds: float) -> bool:
        with Timeout(seconds, exception=False):
            self.should_stop.wait()
            return True
        return False

    def handle_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> Any:
        self.worker_complete.send()
        if isinstance(result, Exception):
            return None, (type(result), result, result.__traceback__)
        return result, exc_info
