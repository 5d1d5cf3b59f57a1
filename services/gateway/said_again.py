"""Answers of the cache are said again as they were said the last time, before Flask reads the request.

Of an answer that is in the cache two thirds of the processor time were Flask's and ours: finding the route,
reading the query, making a response and its headers. They come out the same each time, but for the ids.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.trace import Span, set_span_in_context
from werkzeug.http import generate_etag

from services.gateway import gate, request_span, responses
from services.gateway.blueprint import Declaration
from services.gateway.cache_entries import Entry
from services.gateway.process import resources_of
from services.gateway.resources import Resources
from shared import clock, logs
from shared.errors import ServiceError
from shared.ids import new_id
from shared.telemetry import tracing

Environ = dict[str, Any]
Question = tuple[str, str, str]
"""Path, query and Accept-Encoding, as they came."""

STATUS = "200 OK"
REMEMBERED = 1024
"""Questions of a process; each with the headers of its answer, about 2 KB."""
LONGEST = 512
"""Characters of a question that is remembered: clients write anything."""
OTHERS = (
    "HTTP_ORIGIN",
    "HTTP_IF_NONE_MATCH",
    "HTTP_TRACEPARENT",
    "HTTP_X_REQUEST_ID",
    "HTTP_TRANSFER_ENCODING",
    "CONTENT_LENGTH",
)
"""With one of these an answer has other headers, or none of its body."""
OWN = frozenset({"x-request-id", "traceparent"})
"""Headers that each answer has for itself."""


@dataclass(frozen=True, slots=True)
class Said:
    """How an entry of the cache was answered. `etag` is that of the entry before it was compressed."""

    entry: Entry
    etag: str
    headers: tuple[tuple[str, str], ...]
    is_compressed: bool
    declaration: Declaration
    route: str
    path: str


class SaidAgain:
    """WSGI in front of Flask: answers what it remembers and the cache still has, hands on the rest."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._flask = app.wsgi_app
        self._said: dict[Question, Said] = {}

    def install(self) -> None:
        """Answer before Flask. What others do to responses has to be installed after this."""
        self._app.after_request(self._remember)
        self._app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        said = self._said.get(_question(environ)) if _is_plain(environ) else None
        if said is None:
            return self._flask(environ, start_response)
        started = clock.monotonic()
        span = request_span.begin("GET", said.route, said.path, environ["wsgi.url_scheme"])
        token = context.attach(set_span_in_context(span, Context()))
        try:
            body = _kept(resources_of(self._app), said, environ)
            if body is not None:
                headers = _headers(said, span)
                start_response(STATUS, headers)
                responses.account_for("GET", said.route, HTTPStatus.OK, started)
                return [responses.compressed_once(body) if said.is_compressed else body]
        finally:
            context.detach(token)
        environ[request_span.BEGUN] = span
        return self._flask(environ, start_response)

    def __len__(self) -> int:
        return len(self._said)

    def _remember(self, response: Response) -> Response:
        entry: Entry | None = g.get("entry")
        if entry is None or response.status_code != HTTPStatus.OK or not _is_plain(request.environ):
            return response
        question = _question(request.environ)
        if sum(map(len, question)) <= LONGEST:
            while len(self._said) >= REMEMBERED:
                self._said.pop(next(iter(self._said)), None)
            self._said[question] = _said(entry, response)
        return response


def _question(environ: Environ) -> Question:
    return environ["PATH_INFO"], environ["QUERY_STRING"], environ.get("HTTP_ACCEPT_ENCODING", "")


def _is_plain(environ: Environ) -> bool:
    return environ["REQUEST_METHOD"] == "GET" and not any(environ.get(name) for name in OTHERS)


def _said(entry: Entry, response: Response) -> Said:
    """Within the request that was answered so."""
    rule = request.url_rule.rule if request.url_rule else ""
    etag, _is_weak = response.get_etag()
    return Said(
        entry=entry,
        etag=etag or "",
        headers=tuple((name, value) for name, value in response.headers if name.lower() not in OWN),
        is_compressed="Content-Encoding" in response.headers,
        declaration=gate.declared(),
        route=rule,
        path=request_span.path_of(rule),
    )


def _kept(held: Resources, said: Said, environ: Environ) -> bytes | None:
    """The entry, if it is the one that was answered then. It was counted as asked for, or was not, for
    Flask to do so."""
    address = held.proxies.client_address(
        environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", "")
    )
    try:
        principal = gate.principal_of(environ.get("HTTP_AUTHORIZATION", ""), said.declaration, held.tokens)
        owed = environ[gate.OWED] = gate.owed_by(principal, address, said.declaration, held.limits)
        return held.cache.kept(said.entry, owed, lambda body: generate_etag(body) == said.etag)
    except ServiceError:
        # It comes again, where refusals become responses.
        return None


def _headers(said: Said, span: Span) -> list[tuple[str, str]]:
    """Of this answer; its span ends."""
    request_id = new_id()
    logs.request_id.set(request_id)
    own = {"X-Request-Id": request_id, **tracing.inject()}
    request_span.describe(span, HTTPStatus.OK, request_id)
    span.end()
    return [*said.headers, *own.items()]
