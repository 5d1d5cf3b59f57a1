"""A span for each SQL statement and commit of a traced request: the text with placeholders, never a value."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, get_current_span
from sqlalchemy import Engine, event

from shared.telemetry import attributes as names
from shared.telemetry import tracing

SYSTEM = "postgresql"
_SPAN = "care_statement_span"

tracer = trace.get_tracer(__name__)


def trace_statements(engine: Engine) -> None:
    """Make spans of this engine's statements. Outside of a trace that is kept it costs next to nothing."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def commit_span(namespace: str) -> AbstractContextManager[object]:
    """Around a commit: with it a transaction's wait for the disk shows."""
    if not get_current_span().is_recording():
        return nullcontext()
    return tracing.span(f"COMMIT {namespace}", SpanKind.CLIENT, _attributes("COMMIT", namespace))


def _attributes(operation: str, namespace: str) -> dict[str, str]:
    return {names.DB_SYSTEM: SYSTEM, names.DB_NAMESPACE: namespace, names.DB_OPERATION: operation}


def _begin(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    # Health probes and idle timers would begin a trace with each statement.
    if not get_current_span().is_recording():
        return
    operation = statement.split(None, 1)[0].upper()
    namespace = connection.engine.url.database or ""
    attributes = {**_attributes(operation, namespace), names.DB_QUERY: statement}
    span = tracer.start_span(f"{operation} {namespace}", kind=SpanKind.CLIENT, attributes=attributes)
    setattr(context, _SPAN, span)


def _end(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    span: Span | None = context.__dict__.pop(_SPAN, None)
    if span is not None:
        span.end()


def _fail(failure: Any) -> None:
    """Whatever ends a statement comes here, also what kills its greenlet: no span stays open."""
    context = failure.execution_context
    span: Span | None = None if context is None else context.__dict__.pop(_SPAN, None)
    if span is None:
        return
    error = failure.original_exception
    sqlstate = getattr(error, "pgcode", None)
    if sqlstate:
        span.set_attribute(names.DB_STATUS, sqlstate)
    tracing.note_failure(span, sqlstate or type(error).__name__)
    span.end()
