"""Whether the process lives, may get requests, and how it is; metrics for the operator's listener only."""

from http import HTTPStatus

import orjson
from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from werkzeug.exceptions import NotFound

from services.gateway.blueprint import Access, Budget, declares
from services.gateway.process import resources

UP, DOWN, DEGRADED = "up", "down", "degraded"


def install(app: Flask) -> None:
    """Add the routes for operators."""
    app.add_url_rule("/health/live", view_func=health_live)
    app.add_url_rule("/health/ready", view_func=health_ready)
    app.add_url_rule("/health", view_func=health)
    app.add_url_rule("/metrics", view_func=show_metrics)
    app.add_url_rule("/.well-known/jwks.json", view_func=key_set)


@declares(Access.ANYONE, Budget.UNLIMITED)
def health_live() -> Response:
    """The process answers; nothing else is asked, so that a lost server restarts no process."""
    return _answer({"status": UP}, HTTPStatus.OK)


@declares(Access.ANYONE, Budget.UNLIMITED)
def health_ready() -> Response:
    """Whether requests should come here. Without Redis they are answered, only slower."""
    with resources().probes.place():
        parts = _parts()
    ready = parts["database"] == UP and parts["broker"] == UP
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return _answer({"status": _overall(parts), "parts": parts}, status)


@declares(Access.ANYONE, Budget.UNLIMITED)
def health() -> Response:
    """How it is, for people: the parts, and how payments are set up."""
    held = resources()
    with held.probes.place():
        parts = _parts()
        mode = held.payment_mode.ask(held.services)
    return _answer({"status": _overall(parts), "parts": parts, "payments": mode}, HTTPStatus.OK)


@declares(Access.ANYONE, Budget.UNLIMITED)
def show_metrics() -> Response:
    """Prometheus metrics of all processes, on the operator's listener only."""
    # SERVER_PORT is the listener's own (gunicorn), not what the Host header says.
    if request.environ.get("SERVER_PORT") == str(resources().settings.port):
        raise NotFound
    with resources().probes.place():
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@declares(Access.ANYONE, Budget.STATIC)
def key_set() -> Response:
    """The keys that verify access tokens (RFC 7517)."""
    response = _answer(resources().tokens.key_set(), HTTPStatus.OK)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _parts() -> dict[str, str]:
    held = resources()
    return {
        "database": UP if held.database.ping() else DOWN,
        "broker": UP if held.rpc_client.is_connected else DOWN,
        "redis": UP if held.redis.ping() else DEGRADED,
        "cache": UP if held.invalidation.is_current() else DEGRADED,
    }


def _overall(parts: dict[str, str]) -> str:
    return next((state for state in (DOWN, DEGRADED) if state in parts.values()), UP)


def _answer(body: object, status: int) -> Response:
    response = Response(orjson.dumps(body), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
