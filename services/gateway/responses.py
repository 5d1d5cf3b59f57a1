"""What every response carries: ids, security headers, CORS, compression, a log line and a measurement."""

import gzip
import logging
from functools import lru_cache
from http import HTTPStatus

from flask import Flask, Response, g, request
from werkzeug.http import parse_accept_header

from services.gateway.context import RequestContext
from services.gateway.idempotency import HEADER as IDEMPOTENCY_HEADER
from services.gateway.settings import GatewaySettings
from shared import clock, logs
from shared.ids import new_id
from shared.telemetry import metrics, tracing

log = logging.getLogger(__name__)

COMPRESS_FROM_BYTES = 1024
COMPRESS_LEVEL = 5
"""A third of the time of the highest level for nearly the same size."""
KEPT_COMPRESSED = 64
"""Answers, with what they came to: about 20 KB each."""
COMPRESSED_TYPES = ("application/json", "application/problem+json", "text/html", "text/css", "text/calendar")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-site",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""For everything that is not a page; pages set their own policies."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "other"
"""Clients may invent methods; a metric for each would fill the memory."""

CORS_METHODS = "GET, POST, PUT, PATCH, DELETE"
CORS_REQUEST_HEADERS = f"Authorization, Content-Type, {IDEMPOTENCY_HEADER}, X-Request-Id, traceparent"
CORS_RESPONSE_HEADERS = f"{IDEMPOTENCY_HEADER}, Retry-After, Location, ETag, X-Request-Id, traceparent"
CORS_MAX_AGE_SECONDS = 7200
"""As long as Chromium keeps it."""


def install(app: Flask, settings: GatewaySettings) -> None:
    """Finish every response; preflights of allowed origins are answered here."""
    origins = frozenset(settings.cors_origins)

    def finish(response: Response) -> Response:
        _identify(response)
        _secure(response)
        _allow_origin(response, origins)
        _compress(response)
        _account_for(response)
        return response

    app.after_request(finish)


def is_preflight() -> bool:
    """Whether a browser asks for permission (Fetch standard, CORS-preflight)."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _context() -> RequestContext | None:
    context: RequestContext | None = g.get("context")
    return context


def _identify(response: Response) -> None:
    context = _context()
    response.headers["X-Request-Id"] = context.request_id if context else new_id()
    response.headers.update(tracing.inject())


def _secure(response: Response) -> None:
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend([each for each in SECURITY_HEADERS.items() if each[0].lower() not in present])
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers["Cache-Control"] = "no-store"
    else:
        response.headers.setdefault("Cache-Control", "private, no-cache")


def _allow_origin(response: Response, origins: frozenset[str]) -> None:
    if not origins:
        return
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = CORS_RESPONSE_HEADERS
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if is_preflight():
        response.headers["Access-Control-Allow-Methods"] = CORS_METHODS
        response.headers["Access-Control-Allow-Headers"] = CORS_REQUEST_HEADERS
        response.headers["Access-Control-Max-Age"] = str(CORS_MAX_AGE_SECONDS)


def _compress(response: Response) -> None:
    """Never what holds a secret of its reader (`no-store`): its length would tell (BREACH)."""
    if response.mimetype not in COMPRESSED_TYPES or response.is_streamed:
        return
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if (
        len(body) < COMPRESS_FROM_BYTES
        or response.headers.get("Cache-Control") == "no-store"
        or "Content-Encoding" in response.headers
        or not _takes_gzip(request.headers.get("Accept-Encoding", ""))
    ):
        return
    compress = compressed_once if response.cache_control.public else _compressed
    response.set_data(compress(body))
    response.headers["Content-Encoding"] = "gzip"
    etag, _weak = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)


@lru_cache(64)
def _takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header wants it (RFC 9110, 12.5.3)."""
    return parse_accept_header(accepted)["gzip"] > 0


def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, COMPRESS_LEVEL, mtime=0)


compressed_once = lru_cache(KEPT_COMPRESSED)(_compressed)
"""What everybody may see is asked for by many."""


def _account_for(response: Response) -> None:
    context = _context()
    if context is None or _was_socket(response):
        # A socket's time is as long as its reader likes.
        return
    route = request.url_rule.rule if request.url_rule else "unrouted"
    method = request.method if request.method in METHODS else OTHER_METHOD
    account_for(method, route, response.status_code, context.started)


def account_for(method: str, route: str, status: int, started: float) -> None:
    """The measurement and the line of a request that is answered; `started` is of the monotonic clock."""
    seconds = clock.monotonic() - started
    metrics.http_seconds.labels(method=method, route=route, status=str(int(status))).observe(seconds)
    milliseconds = round(seconds * 1000, 1)
    logs.event(log, logging.INFO, "request", method=method, route=route, status=int(status), ms=milliseconds)


def _was_socket(response: Response) -> bool:
    """By the route, not by what the client says of itself; a refused handshake is a request like any."""
    rule = request.url_rule
    return rule is not None and rule.websocket and response.status_code < HTTPStatus.BAD_REQUEST
