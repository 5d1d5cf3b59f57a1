"""One span for each HTTP request, from before its gate to its response: where every trace begins."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind

from services.gateway.blueprint import Budget, declaration_of
from services.gateway.openapi import IdConverter
from shared.telemetry import attributes as names
from shared.telemetry import tracing

PROBES = ("/health", "/metrics")
"""They come every few seconds and would fill the traces."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OUR_ID = re.compile(IdConverter.regex)
OTHER_METHOD = "_OTHER"
"""OpenTelemetry's word for a method that a client invented."""

BEGUN = "care.span"
"""Where a request's environment has a span that began before Flask read it."""

tracer = trace.get_tracer(__name__)


def install(app: Flask) -> None:
    """Trace every request of the app. First of all, so that refusals before a view have a trace too."""
    app.before_request(_begin)
    app.after_request(_describe)
    app.teardown_request(_end)


def end_now(status: HTTPStatus) -> None:
    """End the span before its request does: a socket's request lasts as long as the socket."""
    _current().set_attribute(names.HTTP_STATUS, int(status))
    _end(None)


@contextmanager
def without_request(status: HTTPStatus) -> Iterator[None]:
    """A trace of what could not be read as a request, so that its refusal is found in the log too."""
    with tracing.span("HTTP", SpanKind.SERVER, {names.HTTP_STATUS: int(status)}, context=Context()) as span:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            tracing.note_failure(span, str(int(status)))
        yield


def _begin() -> None:
    """Nothing that a client can choose stands in a span, but for its request id: no address, no query, of a
    path no more than our routes and ids."""
    span = request.environ.pop(BEGUN, None)
    if span is None:
        span = tracing.unsampled_span() if _is_untraced() else _span()
    g.request_span = span
    g.request_span_token = context.attach(trace.set_span_in_context(span, Context()))


def _span() -> Span:
    """The root of a new trace. Whoever sent a trace context is linked to and not believed: strangers decide
    neither what is sampled nor which requests are one trace."""
    method = request.method if request.method in METHODS else OTHER_METHOD
    rule = request.url_rule
    route, path = (rule.rule, path_of(rule.rule)) if rule else ("", "")
    return begin(method, route, path, request.scheme, _caller())


def begin(method: str, route: str, path: str, scheme: str, links: Sequence[Link] = ()) -> Span:
    """A span as `_span` says; `route` and `path` are empty where no route was found."""
    attributes = {names.HTTP_METHOD: method, names.URL_SCHEME: scheme}
    if route:
        attributes |= {names.HTTP_ROUTE: route, names.URL_PATH: path}
    verb = "HTTP" if method == OTHER_METHOD else method
    name = f"{verb} {route}" if route else verb
    return tracer.start_span(
        name, context=Context(), kind=SpanKind.SERVER, attributes=attributes, links=links
    )


def path_of(pattern: str) -> str:
    """The path, when all that varies in it are ids of ours; else its pattern: clients write anything."""
    varying = (request.view_args or {}).values()
    return request.path if all(OUR_ID.fullmatch(str(value)) for value in varying) else pattern


def _caller() -> list[Link]:
    named = request.headers.get("traceparent")
    if named is None:
        return []
    sent = tracing.context_of({"traceparent": named})
    return [Link(sent, {names.LINK: names.CALLER})] if sent.is_valid else []


def _is_untraced() -> bool:
    if request.path.startswith(tuple(f"{probe}/" for probe in PROBES)) or request.path in PROBES:
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    declared = declaration_of(view) if view else None
    return declared is not None and declared.budget is Budget.STATIC


def _current() -> Span:
    span: Span = g.get("request_span", trace.INVALID_SPAN)
    return span


def _describe(response: Response) -> Response:
    span, status = _current(), response.status_code
    describe(span, status, response.headers.get("X-Request-Id", ""))
    is_failure = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    code = g.get("problem_code")  # written where refusals become responses
    if code:
        tracing.note_code(span, code, is_failure=is_failure)
    elif is_failure:
        tracing.note_failure(span, str(status))
    return response


def describe(span: Span, status: int, request_id: str) -> None:
    """Say on a request's span how it was answered."""
    span.set_attribute(names.HTTP_STATUS, int(status))
    span.set_attribute(names.REQUEST_ID, request_id)


def _end(_error: BaseException | None) -> None:
    span = g.pop("request_span", None)
    if span is not None:
        context.detach(g.pop("request_span_token"))
        span.end()
