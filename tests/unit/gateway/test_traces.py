"""Which requests have a trace, where it begins, and what it may not tell."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from tests.fixtures.spans import KeptSpans, kept_spans, trace_id_of
from tests.unit.gateway.door import Door

SEARCH = "/api/v1/customer/search"
INBOX = "/api/v1/notifications"
SENT = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{SENT}-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[KeptSpans]:
    with kept_spans() as kept:
        yield kept


@pytest.fixture
def client(door: Door) -> FlaskClient:
    return door.app.test_client()


@pytest.mark.parametrize(
    "path", ["/health/live", "/health", "/metrics", "/api/docs/", "/", "/?x=/", "/web/x/icon.svg"]
)
def test_probes_and_pages_are_in_no_trace_that_is_kept(
    client: FlaskClient, spans: KeptSpans, path: str
) -> None:
    """promise A7: their refusals have a trace id for the log all the same"""
    answer = client.get(path)
    assert answer.headers["traceparent"].endswith("-00")
    assert spans.spans == []


@pytest.mark.parametrize(
    ("url", "host"),
    [(f"{SEARCH}?query=health", "x"), (f"{SEARCH}?query=x/health/", "x"), (SEARCH, "metrics.health.test")],
)
def test_a_word_or_a_host_switches_no_trace_off(
    client: FlaskClient, spans: KeptSpans, url: str, host: str
) -> None:
    """promise A7"""
    answer = client.get(url, headers={"Host": host})
    span = spans.named(f"GET {SEARCH}")
    assert trace_id_of(span) in answer.headers["traceparent"]


def test_a_request_is_described_by_the_stable_conventions(client: FlaskClient, spans: KeptSpans) -> None:
    """promise A7"""
    client.get(f"{INBOX}?limit=1", headers={"X-Request-Id": "request-of-a-test"})
    span = spans.named(f"GET {INBOX}")
    assert span.kind is SpanKind.SERVER
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": INBOX,
        "url.path": INBOX,
        "url.scheme": "http",
        "http.response.status_code": 401,
        "care.error.code": "unauthenticated",
        "care.request.id": "request-of-a-test",
    }


def test_a_trace_does_not_tell_who_looks_for_what(client: FlaskClient, spans: KeptSpans) -> None:
    """promise A7"""
    client.get(
        f"{SEARCH}?query=dementia&latitude=40.7",
        headers={"User-Agent": "Anna's telephone", "Host": "anna.test", "baggage": "name=anna"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    client.get("/anna@example.test/dementia", environ_overrides={"REQUEST_METHOD": "GET"})
    client.post("/api/v1/customer/payments/anna@example.test/confirm")
    told = " ".join(f"{span.name} {span.to_json()}" for span in spans.spans)
    assert SEARCH in told
    secrets = ("dementia", "40.7", "192.0.2.7", "anna", "Anna")
    assert not [secret for secret in secrets if secret in told]


def test_a_secret_address_is_in_no_span(client: FlaskClient, spans: KeptSpans) -> None:
    """promise A7, promise C8: nor in the refusal, whose text goes where answers are kept."""
    secret = "S" * 43
    answer = client.get(f"/api/v1/calendar/{secret}.ics")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE  # there is no database here
    assert secret not in answer.text
    span = spans.named("GET /api/v1/calendar/<secret>.ics")
    assert secret not in span.to_json()


def test_a_stranger_s_context_is_linked_and_not_believed(client: FlaskClient, spans: KeptSpans) -> None:
    """promise A7: who sends a trace context decides neither the trace nor whether it is kept"""
    answer = client.get(SEARCH, headers={"traceparent": TRACEPARENT, "tracestate": "x=1", "baggage": "y=2"})
    span = spans.named(f"GET {SEARCH}")
    assert span.parent is None
    assert [trace.format_trace_id(link.context.trace_id) for link in span.links] == [SENT]
    assert SENT not in answer.headers["traceparent"]
    assert not {"tracestate", "baggage"} & set(answer.headers.keys())


def test_a_refusal_names_the_trace_in_which_it_is_found(client: FlaskClient, spans: KeptSpans) -> None:
    """promise A7"""
    answer = client.get(INBOX)
    span = spans.named(f"GET {INBOX}")
    assert answer.json is not None
    assert answer.json["traceId"] == trace_id_of(span)
    assert (span.attributes or {})["care.error.code"] == answer.json["code"] == "unauthenticated"
    assert span.status.status_code is StatusCode.UNSET


def test_a_failure_is_an_error_of_the_span(
    door: Door, spans: KeptSpans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promise A7: what tail sampling has to keep"""

    def fail() -> None:
        raise RuntimeError("the customer's secret")

    steps = door.app.before_request_funcs
    monkeypatch.setitem(steps, None, [*steps[None], fail])
    answer = door.app.test_client().get(SEARCH)
    span = spans.named(f"GET {SEARCH}")
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "internal_error"
    assert "secret" not in span.to_json()
