"""One trace per request, through HTTP, AMQP, SQL and events; exported only where there is a collector."""

from collections.abc import Mapping

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from shared.settings import ProcessSettings


def configure_tracing(service_name: str, settings: ProcessSettings) -> TracerProvider:
    """Set up tracing of this process. Call it once, after monkey-patching, before the first engine.

    Trace ids exist always, for logs; spans are exported over HTTP only when an endpoint is set.
    The caller ends the process with `provider.shutdown()`, or leaves that to exit.
    """
    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: service_name}),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)),
    )
    if settings.otlp_endpoint:
        provider.add_span_processor(_exporting(settings.otlp_endpoint))
    trace.set_tracer_provider(provider)
    # Without skip_dep_check it refuses SQLAlchemy 2.1 with no more than a log line.
    SQLAlchemyInstrumentor().instrument(skip_dep_check=True, tracer_provider=provider)
    return provider


def inject(headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """A copy of `headers` with the current trace context (`traceparent`); empty outside of a trace."""
    carrier = dict(headers or {})
    propagate.inject(carrier)
    return carrier


def extract(carrier: Mapping[str, str]) -> Context:
    """The context that a carrier names; use it as the parent of a span, or attach it."""
    return propagate.extract(carrier)


def current_trace_id() -> str:
    """The trace id of this moment as 32 hex digits; empty outside of a trace."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


def _exporting(endpoint: str) -> SpanProcessor:
    # Loaded only where it is used: it brings an HTTP client with it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
