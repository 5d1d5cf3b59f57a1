"""Health and metrics of a worker process, on a listener of their own outside of the pool of workers."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import eventlet
from eventlet import wsgi
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import logs

log = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
"""A check that takes longer has failed; Kubernetes waits about as long for a probe."""
JSON = "application/json"

Check = Callable[[], bool]


@dataclass
class Health:
    """What is known about this process. `checks` are asked at each request, all at once."""

    service: str
    phase: str = "starting"
    """starting, waiting_for_broker, waiting_for_database, running, draining"""
    checks: dict[str, Check] = field(default_factory=dict)

    def results(self) -> dict[str, bool]:
        """Each check's answer within CHECK_SECONDS; a check that raises or takes longer has failed."""
        threads = {name: eventlet.spawn(_bounded, check) for name, check in self.checks.items()}
        return {name: bool(thread.wait()) for name, thread in threads.items()}

    @property
    def running(self) -> bool:
        return self.phase == "running"


def _bounded(check: Check) -> bool:
    try:
        with eventlet.Timeout(CHECK_SECONDS):
            return check()
    except (Exception, eventlet.Timeout):  # noqa: BLE001 - whatever is wrong, the answer is no
        return False


class HealthApplication:
    """/health/live, /health/ready, /health and /metrics."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._pages: dict[str, Callable[[], tuple[str, str, bytes]]] = {
            "/health/live": self._live,
            "/health/ready": self._ready,
            "/health": self._details,
            "/metrics": self._metrics,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        page = self._pages.get(environ["PATH_INFO"])
        status, kind, body = page() if page else ("404 Not Found", JSON, b"{}")
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    def _live(self) -> tuple[str, str, bytes]:
        """The loop turns; nothing else is asked, so that an outage elsewhere restarts nobody."""
        return _json(True, {"status": "live"})

    def _ready(self) -> tuple[str, str, bytes]:
        results = self._health.results()
        ready = self._health.running and all(results.values())
        return _json(ready, {"status": self._health.phase, "checks": results})

    def _details(self) -> tuple[str, str, bytes]:
        results = self._health.results()
        body = {"service": self._health.service, "status": self._health.phase, "checks": results}
        return _json(True, body)

    def _metrics(self) -> tuple[str, str, bytes]:
        return "200 OK", CONTENT_TYPE_LATEST, generate_latest()


def _json(good: bool, body: dict[str, Any]) -> tuple[str, str, bytes]:
    return "200 OK" if good else "503 Service Unavailable", JSON, json.dumps(body).encode()


def listen(health: Health, host: str, port: int) -> None:
    """Serve in a greenlet of its own from now on. Raises OSError when the port is taken."""
    socket = eventlet.listen((host, port))
    quiet = logging.getLogger(f"{__name__}.requests")
    quiet.setLevel(logging.CRITICAL)
    eventlet.spawn(wsgi.server, socket, HealthApplication(health), log=quiet, log_output=False)
    logs.event(log, logging.INFO, "health_listening", port=socket.getsockname()[1])
