"""The trace that a peer names is read as it is written, and never trusted to be well formed."""

from typing import Any

import pytest

from shared.telemetry import tracing

TRACE = "0af7651916cd43dd8448eb211c80319c"
CARRIER = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


@pytest.mark.parametrize(
    "carrier", [None, [], "text", {"traceparent": 1}, {"traceparent": ["a"]}, {"traceparent": "nonsense"}]
)
def test_a_carrier_that_is_none_names_no_trace(carrier: Any) -> None:
    assert not tracing.context_of(carrier).is_valid
    assert tracing.cause_links([carrier]) == []


def test_a_carrier_names_its_trace() -> None:
    assert f"{tracing.context_of({**CARRIER, 'more': 1}).trace_id:032x}" == TRACE
