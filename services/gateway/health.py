"""Whether the process lives, may get requests, and how it is; metrics for the operator's listener only."""

import orjson
from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from werkzeug.exceptions import NotFound

from services.gateway.blueprint import Access, Budget, declares
from services.gateway.in_flight import InFlight
from services.gateway.payment_mode import PaymentMode
from services.gateway.process import resources

IN_FLIGHT = 8
"""Probes of one process at once; they are exempt from limits by address."""
UP, DOWN, DEGRADED = "up", "down", "degraded"


def install(app: Flask) -> None:
    """Add the routes for operators."""
    places = InFlight(IN_FLIGHT)
    payment_mode = PaymentMode()

    @app.get("/health/live")
    @declares(Access.ANYONE, Budget.UNLIMITED)
    def health_live() -> Response:
        return _answer({"status": UP}, 200)

    @app.get("/health/ready")
    @declares(Access.ANYONE, Budget.UNLIMITED)
    def health_ready() -> Response:
        with places.place():
            parts = _parts()
        ready = parts["database"] == UP and parts["broker"] == UP
        return _answer({"status": _overall(parts), "parts": parts}, 200 if ready else 503)

    @app.get("/health")
    @declares(Access.ANYONE, Budget.UNLIMITED)
    def health() -> Response:
        with places.place():
            parts = _parts()
            mode = payment_mode.ask(resources().services)
        return _answer({"status": _overall(parts), "parts": parts, "payments": mode}, 200)

    @app.get("/metrics")
    @declares(Access.ANYONE, Budget.UNLIMITED)
    def show_metrics() -> Response:
        # SERVER_PORT is the listener's own (gunicorn), not what the Host header says.
        if request.environ.get("SERVER_PORT") == str(resources().settings.port):
            raise NotFound
        with places.place():
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    @app.get("/.well-known/jwks.json")
    @declares(Access.ANYONE, Budget.STATIC)
    def key_set() -> Response:
        response = _answer(resources().tokens.key_set(), 200)
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
