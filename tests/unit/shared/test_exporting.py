"""What a span says when it leaves the process: named attributes, and of an error its type alone."""

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode

from shared.telemetry.exporting import guarded

SECRET = "anna@example.test"


def test_only_named_attributes_leave() -> None:
    """promise A7"""
    tracer = TracerProvider().get_tracer("test")
    link = Link(SpanContext(1, 2, is_remote=True), {"care.link": "cause", "secret": SECRET})
    attributes = {"url.query": SECRET, "client.address": SECRET, "url.path": "/kept"}
    with tracer.start_as_current_span("root", attributes=attributes, links=[link]) as root:
        pass
    left = guarded(root)  # type: ignore[arg-type]
    assert dict(left.attributes or {}) == {"url.path": "/kept"}
    assert [(one.context, dict(one.attributes or {})) for one in left.links] == [
        (link.context, {"care.link": "cause"})
    ]
    assert SECRET not in left.to_json()


def test_of_an_exception_its_type_leaves() -> None:
    """promise A7: libraries record texts and stack traces, which may quote a person"""
    tracer = TracerProvider().get_tracer("test")
    try:
        with tracer.start_as_current_span("failing", kind=SpanKind.CLIENT) as failing:
            raise ValueError(SECRET)
    except ValueError:
        left = guarded(failing)  # type: ignore[arg-type]
    assert left.status.status_code is StatusCode.ERROR
    assert (left.status.description, list(left.events)) == (None, [])
    assert (left.attributes or {})["error.type"] == "ValueError"
    assert (left.get_span_context(), left.parent, left.kind) == (
        failing.get_span_context(),
        None,
        SpanKind.CLIENT,
    )
    assert SECRET not in left.to_json()
