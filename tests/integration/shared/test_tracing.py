"""A statement is a span of the trace that it was sent in."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.database.transaction import Database, read_app_now


@pytest.fixture
def provider() -> Iterator[TracerProvider]:
    """Instrumented as `configure_tracing` does it, after all imports, and taken back."""
    provider = TracerProvider()
    SQLAlchemyInstrumentor().instrument(skip_dep_check=True, tracer_provider=provider)
    yield provider
    SQLAlchemyInstrumentor().uninstrument()
    provider.shutdown()


def test_a_statement_is_a_child_of_its_request(database_url: str, provider: TracerProvider) -> None:
    """promise A7: the trace goes on into SQL."""
    spans = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    database = Database(database_url, pool_size=1, application_name="tracing test")
    try:
        with (
            trace.get_tracer(__name__, tracer_provider=provider).start_as_current_span("request") as request,
            database.transaction() as connection,
        ):
            read_app_now(connection)
    finally:
        database.dispose()
    statements = [
        span for span in spans.get_finished_spans() if "app_now" in str(dict(span.attributes or {}))
    ]
    assert len(statements) == 1
    assert statements[0].parent == request.get_span_context()
