"""How a process starts, or why it refuses to, and what it tells about itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from kombu.connection import Connection

from shared.messages import topology
from tests.fixtures.database_clock import clock_offset
from tests.integration.worker.conftest import NAME, StartProbe


def test_a_missing_setting_is_one_clear_line(start: StartProbe) -> None:
    process = start(ready=False, AMQP_URI="")
    assert process.wait(10) == 2
    assert process.output().splitlines() == [
        "settings: AMQP_URI is not set (the broker, with account and virtual host)"
    ]


def test_a_setting_that_is_not_valid_is_named_and_not_shown(start: StartProbe) -> None:
    process = start(ready=False, MAX_WORKERS="many", STOP_SECONDS="-")
    assert process.wait(10) == 2
    (line,) = process.output().splitlines()
    assert "MAX_WORKERS is not valid" in line
    assert "STOP_SECONDS is not valid" in line
    assert "many" not in line


def test_a_moved_clock_is_refused_outside_of_tests(start: StartProbe, database_url: str) -> None:
    """Whoever runs in production does not work by a clock that a test has moved."""
    with clock_offset(database_url, NAME, timedelta(hours=1)):
        process = start(ready=False, PROFILE="production")
        assert process.wait(15) == 2
    assert "app.clock_offset is set" in process.output()


def test_what_is_there_at_the_start_is_collected_no_more(start: StartProbe) -> None:
    """A full collection would stop the process for tens of milliseconds, in the middle of its work."""
    (line,) = start().events("process_ready")
    assert line["objects_kept"] > 10_000


@pytest.fixture
def queue_with_other_arguments(amqp_uri: str) -> Iterator[str]:
    """The rpc queue as an older release might have declared it."""
    name = topology.rpc_queue(NAME)
    with Connection(amqp_uri) as connection:
        channel: Any = connection.channel()
        channel.queue_delete(name)
        channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-expires": 60_000})
        yield name
        channel.queue_delete(name)


def test_a_queue_with_other_arguments_ends_the_start(
    start: StartProbe, queue_with_other_arguments: str
) -> None:
    process = start(ready=False)
    assert process.wait(15) == 1
    (line,) = process.events("start_refused")
    assert queue_with_other_arguments in line["problem"]
