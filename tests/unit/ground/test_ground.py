"""The ground that every service stands on: ids, settings, logs, errors, callers."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock, logs
from shared.contracts.declaration import Caller, Post
from shared.errors import Category, ServiceError
from shared.ids import first_id_at, is_id, new_id
from shared.logs import JsonFormatter
from shared.settings import Profile, SettingsError, WorkerSettings, load

ENVIRONMENT = {"DATABASE_URL": "postgresql+psycopg2://a:secret@h/d", "AMQP_URI": "pyamqp://u:secret@h//"}


def test_an_instant_has_a_first_id() -> None:
    """What is read from an instant on is found by its id."""
    now = clock.now()
    assert first_id_at(now) < new_id() < first_id_at(now + timedelta(minutes=1))


def test_ids_are_version_7_and_rise_with_time() -> None:
    ids = [new_id() for _ in range(200)]
    assert all(is_id(text) and text[14] == "7" and text[19] in "89ab" for text in ids)
    assert len(set(ids)) == len(ids)
    stamps = [int(text.replace("-", "")[:12], 16) for text in ids]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("text", ["", "x", "0189D2B4-0000-7000-8000-000000000000", None, 7])
def test_only_lower_case_text_is_an_id(text: object) -> None:
    assert not is_id(text)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
def test_instants_keep_their_moment_on_the_wire(naive: datetime, hours: int) -> None:
    instant = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert clock.from_text(clock.to_text(instant)) == instant
    assert clock.to_text(instant).endswith("Z")


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00"]
)
def test_what_is_no_instant_in_utc_is_a_value_error(text: str) -> None:
    """A client may write these into a cursor: `cursor_invalid`, not a failure of ours."""
    with pytest.raises(ValueError, match="instant"):
        clock.from_text(text)


def test_settings_default_to_production() -> None:
    settings = load(WorkerSettings, ENVIRONMENT)
    assert settings.profile is Profile.PRODUCTION
    assert settings.event_retry_seconds == (5, 30, 300, 3600)
    assert settings.relay_url == settings.database_url


def test_settings_name_every_variable_that_is_wrong_and_no_value() -> None:
    with pytest.raises(SettingsError) as refusal:
        load(WorkerSettings, {"DATABASE_URL": "secret-url", "MAX_WORKERS": "secret-number"})
    assert "AMQP_URI" in str(refusal.value)
    assert "MAX_WORKERS" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(load(WorkerSettings, ENVIRONMENT))


@pytest.fixture
def _logging_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, *logs.OURS)]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.mark.usefixtures("_logging_as_it_was")
@pytest.mark.parametrize(
    ("level", "ours", "theirs"), [("DEBUG", 10, 20), ("INFO", 20, 20), ("ERROR", 40, 40)]
)
def test_libraries_never_write_what_only_debugging_shows(level: str, ours: int, theirs: int) -> None:
    logs.configure("booking", level)
    assert logging.getLogger("services.booking.service").getEffectiveLevel() == ours
    assert logging.getLogger("urllib3").getEffectiveLevel() == theirs


@pytest.mark.usefixtures("_logging_as_it_was")
def test_a_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        logs.configure("booking", "LOUD")


def test_a_log_line_is_json_without_what_a_person_wrote() -> None:
    formatter = JsonFormatter("booking", lambda: "0af7651916cd43dd8448eb211c80319c")
    try:
        raise ValueError("jane@example.com")
    except ValueError as error:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, __file__, 1, "rpc_failed", (), (ValueError, error, error.__traceback__)
        )
    line = formatter.format(record)
    assert json.loads(line)["event"] == "rpc_failed"
    assert json.loads(line)["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert "jane@example.com" not in line
    assert "ValueError at" in line


def test_an_error_survives_the_wire_and_an_unknown_category_counts_as_internal() -> None:
    error = ServiceError("slot_taken", Category.CONFLICT, "Taken.", {"alternatives": []})
    assert ServiceError.from_wire(error.to_wire()).to_wire() == error.to_wire()
    newer = {**error.to_wire(), "category": "from_a_later_release"}
    assert ServiceError.from_wire(newer).category is Category.INTERNAL


def test_a_caller_survives_context_data_and_an_older_peer() -> None:
    """A newer one too, that says more about a post."""
    first, second = new_id(), new_id()
    caller = Caller(
        user_id=new_id(),
        client_address="2001:db8::1",
        roles=("customer", "admin"),
        memberships=(first, second),
        posts=(Post(first, "owner"), Post(second, "staff", new_id())),
        locale="ar",
        request_id="r",
        trace={"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        deadline_ms=3000,
    )
    assert Caller.from_context(caller.to_context()) == caller
    assert Caller.from_context({}) == Caller()
    newer = {**caller.to_context(), "posts": f"{first}:owner::more"}
    assert Caller.from_context(newer).posts == (Post(first, "owner"),)
    assert [caller.post_at(one) for one in (first, new_id())] == [Post(first, "owner"), None]
    assert clock.now().tzinfo is UTC
