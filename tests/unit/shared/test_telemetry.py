"""Tracing: a context that travels in dicts, and no exporter without an endpoint."""

import re
from pathlib import Path
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from shared.telemetry import metrics, tracing

ROOT = Path(__file__).parents[3]


def test_outside_of_a_trace_there_is_no_id() -> None:
    assert tracing.current_trace_id() == ""
    assert tracing.inject({"kept": "1"}) == {"kept": "1"}


def test_a_trace_goes_on_where_its_carrier_arrives() -> None:
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("first"):
        sent = tracing.current_trace_id()
        carrier = tracing.inject()
    assert len(sent) == 32
    with tracer.start_as_current_span("second", context=tracing.extract(carrier)):
        assert tracing.current_trace_id() == sent
    assert not trace.get_current_span().get_span_context().is_valid


def test_metric_names_are_ours_and_their_labels_are_few() -> None:
    declared = [value for value in vars(metrics).values() if hasattr(value, "_labelnames")]
    assert len(declared) > 20
    for metric in declared:
        assert metric._name.startswith("care_")
        assert len(metric._labelnames) <= 3
        assert not {"user_id", "provider_id", "booking_id", "address"} & set(metric._labelnames)


def test_every_metric_is_documented_as_it_is() -> None:
    """promise I1: one list of names, with kind, labels, meaning, and how processes are put together."""
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(care_\w+)` \| (\w+) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    declared = [
        (
            f"{metric._name}_total" if metric._type == "counter" else metric._name,
            metric._type,
            ", ".join(metric._labelnames) or "-",
            _together(metric),
            metric._documentation,
        )
        for metric in vars(metrics).values()
        if hasattr(metric, "_labelnames")
    ]
    assert documented == declared


def _together(metric: Any) -> str:
    if metric in metrics.OF_THE_SERVICE:
        assert metric._multiprocess_mode == "livemax"
        return "one figure"
    if metric._type != "gauge":
        return "sum"
    return {"livesum": "sum", "livemax": "largest", "livemin": "smallest"}[metric._multiprocess_mode]
