"""The way out for spans: only named attributes leave, and no text of an error, which may quote a person."""

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status, StatusCode
from opentelemetry.util.types import Attributes, AttributeValue

from shared.telemetry.attributes import ERROR_TYPE, MAY_LEAVE

SEND_EVERY_MS = 1000
SEND_SECONDS = 5
"""A collector that takes longer is given up for this batch; spans that don't fit the queue are dropped."""
EXCEPTION_TYPE = "exception.type"


def processor_for(endpoint: str) -> BatchSpanProcessor:
    """Sends finished spans to `<endpoint>/v1/traces`, OTLP over HTTP, in a thread of its own."""
    # Loaded only where it is used: it brings an HTTP client with it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=SEND_SECONDS)
    return BatchSpanProcessor(GuardedExporter(exporter), schedule_delay_millis=SEND_EVERY_MS)


class GuardedExporter(SpanExporter):
    """Hands on what may leave. Libraries add headers, addresses and error texts of their own."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([guarded(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def guarded(span: ReadableSpan) -> ReadableSpan:
    """A copy with named attributes only. Of an exception its type is left, as `error.type`."""
    attributes = _named(span.attributes)
    if span.status.status_code is StatusCode.ERROR and ERROR_TYPE not in attributes:
        attributes[ERROR_TYPE] = _exception_type(span)
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        links=[Link(link.context, _named(link.attributes)) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _named(attributes: Attributes) -> dict[str, AttributeValue]:
    return {
        name: value for name, value in (attributes or {}).items() if name in MAY_LEAVE and value is not None
    }


def _exception_type(span: ReadableSpan) -> str:
    types = [(event.attributes or {}).get(EXCEPTION_TYPE) for event in span.events]
    return str(next((each for each in types if each), "_OTHER"))
