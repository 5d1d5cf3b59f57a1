"""Keeps a slow or dead service from taking its callers down: a bound of calls in flight and a breaker."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared import clock
from shared.errors import unavailable
from shared.telemetry import metrics

FAILURES_TO_OPEN = 5
"""Deadlines missed in a row after which calls to a service are refused at once."""
PROBE_SECONDS = 1.0
"""While open, one call in this time is let through; its answer closes the breaker."""
MAX_IN_FLIGHT = 128
"""Calls of one process that may wait for one service."""


class RpcGate:
    """The way to one service. Counts of its own per process: nothing is shared or asked for."""

    def __init__(
        self,
        service: str,
        max_in_flight: int = MAX_IN_FLIGHT,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._service = service
        self._max_in_flight = max_in_flight
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._in_flight = 0
        self._failures = 0
        self._next_probe = 0.0
        metrics.breaker_open.labels(service=service).set(0)

    @contextmanager
    def admit(self) -> Iterator[None]:
        """A place for one call. Raises `unavailable` when the service is overloaded or does not answer."""
        with self._lock:
            if self._in_flight >= self._max_in_flight:
                raise unavailable(service=self._service, reason="overloaded", retry_after=1)
            self._refuse_while_open()
            self._in_flight += 1
        in_flight = metrics.rpc_in_flight.labels(service=self._service)
        in_flight.inc()
        try:
            yield
        finally:
            in_flight.dec()
            with self._lock:
                self._in_flight -= 1

    def answered(self) -> None:
        """The service answered, with a refusal or a result: it lives."""
        if self._failures:
            self._set_failures(0)

    def deadline_missed(self) -> None:
        self._set_failures(self._failures + 1)

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, but for a probe."""
        return self._failures >= FAILURES_TO_OPEN

    def _refuse_while_open(self) -> None:
        if not self.is_open:
            return
        now = self._monotonic()
        if now < self._next_probe:
            raise unavailable(service=self._service, reason="not_answering", retry_after=1)
        self._next_probe = now + PROBE_SECONDS

    def _set_failures(self, failures: int) -> None:
        with self._lock:
            was_open = self.is_open
            self._failures = failures
            if self.is_open and not was_open:
                self._next_probe = self._monotonic() + PROBE_SECONDS
            metrics.breaker_open.labels(service=self._service).set(self.is_open)


class RpcGates:
    """A gate per service, made at the first call."""

    def __init__(self, max_in_flight: int = MAX_IN_FLIGHT) -> None:
        self._max_in_flight = max_in_flight
        self._gates: dict[str, RpcGate] = {}

    def to(self, service: str) -> RpcGate:
        gate = self._gates.get(service)
        return gate or self._gates.setdefault(service, RpcGate(service, self._max_in_flight))
