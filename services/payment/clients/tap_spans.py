"""The span of a call to Tap: which operation, and how it ended."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind

from shared.telemetry import attributes as names
from shared.telemetry import tracing

ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "create_charge": ("POST", "/v2/charges/"),
    "retrieve_charge": ("GET", "/v2/charges/{charge}"),
    "create_refund": ("POST", "/v2/refunds/"),
    "retrieve_refund": ("GET", "/v2/refunds/{refund}"),
}
"""Method and path of each operation, with names in the place of ids."""


@contextmanager
def call_span(operation: str, base: str) -> Iterator["TapSpan"]:
    """Around one call. Tap is sent no trace context: it is not of our house."""
    method, template = ENDPOINTS[operation]
    attributes = {
        names.SERVER_ADDRESS: urlsplit(base).hostname or "",
        names.HTTP_METHOD: method,
        names.URL_TEMPLATE: template,
    }
    with tracing.span(f"{method} {template}", SpanKind.CLIENT, attributes) as span:
        yield TapSpan(span)


class TapSpan:
    """What is known when the call has ended."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def answered(self, status: int) -> None:
        self._span.set_attribute(names.HTTP_STATUS, status)
