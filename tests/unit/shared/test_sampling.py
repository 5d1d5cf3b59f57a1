"""Head sampling: a share of what begins, and with it whatever it has caused."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, Span, SpanContext, TraceFlags

from shared.contracts.gateway import SERVICE
from shared.settings import ProcessSettings, SettingsError, load
from shared.telemetry.attributes import CALLER, CAUSE, LINK
from shared.telemetry.sampling import head_sampler

NEEDED = {"DATABASE_URL": "postgresql+psycopg2://x", "AMQP_URI": "pyamqp://x"}


def _root(ratio: float, *links: Link) -> Span:
    tracer = TracerProvider(sampler=head_sampler(ratio)).get_tracer(SERVICE)
    return tracer.start_span("root", links=links)


def _link(reason: str, *, sampled: bool) -> Link:
    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    return Link(SpanContext(1, 1, is_remote=True, trace_flags=flags), {LINK: reason})


def test_what_a_kept_trace_has_caused_is_kept() -> None:
    """promise A7"""
    assert _root(0.0, _link(CAUSE, sampled=True)).is_recording()
    assert _root(0.0, _link(CAUSE, sampled=False), _link(CAUSE, sampled=True)).is_recording()


def test_what_a_dropped_trace_has_caused_is_dropped() -> None:
    assert not _root(1.0, _link(CAUSE, sampled=False)).is_recording()


def test_nobody_outside_switches_tracing_on_or_off() -> None:
    """promise A7"""
    assert not _root(0.0, _link(CALLER, sampled=True)).is_recording()
    assert _root(1.0, _link(CALLER, sampled=False)).is_recording()


@pytest.mark.parametrize("ratio", ["-0.1", "1.1", "nan"])
def test_a_share_that_is_none_is_refused_at_the_start(ratio: str) -> None:
    with pytest.raises(SettingsError, match="OTEL_TRACES_SAMPLER_ARG"):
        load(ProcessSettings, {**NEEDED, "OTEL_TRACES_SAMPLER_ARG": ratio})
