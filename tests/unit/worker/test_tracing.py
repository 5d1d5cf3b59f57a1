"""The trace that a peer names is read as it is written, and never trusted to be well formed."""

from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.propagate import extract

from shared.worker.tracing import Adapter

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("carrier", [None, [], "text", {"traceparent": 1}, {"traceparent": ["a"]}])
def test_a_carrier_that_is_none_starts_a_new_trace(carrier: Any) -> None:
    assert _metadata(carrier) == {}


def test_a_carrier_is_handed_on() -> None:
    assert _metadata({"traceparent": TRACE, "more": 1}) == {"traceparent": TRACE}
    extract(_metadata({"traceparent": "nonsense"}))


def _metadata(carrier: Any) -> Any:
    entrypoint = SimpleNamespace(trace_carrier=lambda request: carrier)
    return Adapter({}).get_metadata(SimpleNamespace(entrypoint=entrypoint, args=(None,)))
