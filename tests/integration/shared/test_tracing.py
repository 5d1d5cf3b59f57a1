"""A statement is a span of the trace that it was sent in: its text, never its values, and never left open."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.database.transaction import Database
from tests.fixtures.spans import KeptSpans, kept_spans

SECRET = "anna@example.test"

tracer = trace.get_tracer(__name__)


@pytest.fixture
def spans() -> Iterator[KeptSpans]:
    with kept_spans() as kept:
        yield kept


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=1, application_name="tracing test")
    yield database
    database.dispose()


def test_a_statement_is_a_child_of_the_request(database: Database, spans: KeptSpans) -> None:
    """promise A7"""
    with tracer.start_as_current_span("request") as request, database.transaction() as connection:
        connection.execute(text("SELECT :person"), {"person": SECRET})
    name = connection.engine.url.database
    statement = spans.named(f"SELECT {name}")
    assert statement.parent == request.get_span_context()
    assert statement.kind is SpanKind.CLIENT
    assert dict(statement.attributes or {}) == {
        "db.system.name": "postgresql",
        "db.namespace": name,
        "db.operation.name": "SELECT",
        "db.query.text": "SELECT %(person)s",
    }
    assert spans.named(f"COMMIT {name}").parent == request.get_span_context()
    assert SECRET not in "".join(span.to_json() for span in spans.spans)


def test_a_statement_that_fails_is_ended_and_tells_no_value(database: Database, spans: KeptSpans) -> None:
    """promise A7"""
    create = "CREATE TEMPORARY TABLE person (name text PRIMARY KEY)"
    insert = text("INSERT INTO person VALUES (:name)")
    with (
        tracer.start_as_current_span("request") as request,
        pytest.raises(IntegrityError, match=SECRET),
        database.transaction() as connection,
    ):
        connection.execute(text(create))
        for _ in range(2):
            connection.execute(insert, {"name": SECRET})
    last = [span for span in spans.spans if span.name.startswith("INSERT")][-1]
    assert last.status.status_code is StatusCode.ERROR
    told = dict(last.attributes or {})
    assert told["error.type"] == told["db.response.status_code"] == "23505"
    assert last.parent == request.get_span_context()
    assert trace.get_current_span() is trace.INVALID_SPAN
    assert SECRET not in "".join(span.to_json() for span in spans.spans)


def test_outside_of_a_trace_a_statement_begins_none(database: Database, spans: KeptSpans) -> None:
    assert database.ping()
    assert spans.spans == []
