"""Which requests have a trace, and what a trace may not tell."""

from collections.abc import Iterator

import pytest
from flask import Flask
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.gateway.app import assemble
from tests.unit.gateway.door import Door

SEARCH = "/api/v1/customer/search"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def app(door: Door, spans: InMemorySpanExporter) -> Iterator[Flask]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    yield assemble(door.resources, provider)
    provider.shutdown()


@pytest.mark.parametrize(
    "path", ["/health/live", "/health", "/metrics", "/api/docs/", "/", "/?x=/", "/web/x/icon.svg"]
)
def test_probes_and_pages_have_no_trace(app: Flask, spans: InMemorySpanExporter, path: str) -> None:
    app.test_client().get(path)
    assert spans.get_finished_spans() == ()


@pytest.mark.parametrize(
    ("url", "host"),
    [(f"{SEARCH}?query=health", "x"), (f"{SEARCH}?query=x/health/", "x"), (SEARCH, "metrics.health.test")],
)
def test_a_word_or_a_host_switches_no_trace_off(
    app: Flask, spans: InMemorySpanExporter, url: str, host: str
) -> None:
    """promise A7"""
    answer = app.test_client().get(url, headers={"Host": host})
    assert answer.headers["traceparent"]
    assert len(spans.get_finished_spans()) == 1


def test_a_trace_does_not_tell_what_somebody_looks_for(app: Flask, spans: InMemorySpanExporter) -> None:
    app.test_client().get(
        f"{SEARCH}?query=dementia&latitude=40.7", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}
    )
    [span] = spans.get_finished_spans()
    told = " ".join(map(str, (span.attributes or {}).values()))
    assert SEARCH in told
    assert not [secret for secret in ("dementia", "40.7", "192.0.2.7") if secret in told]
