"""Failed events wait in delay queues, rest where an operator sees them, and go back to their handler."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import amqp
import orjson
import pytest
from sqlalchemy import Engine, text

from shared.contracts.declaration import EventType
from shared.database.transaction import Database
from shared.ids import new_id
from shared.messages import dead_letters
from shared.messages.broker import BrokerUnavailableError
from shared.messages.inbox import first_time
from shared.messages.parked import DELIVERY_LIMIT_REASON, ParkedEvents
from shared.messages.publisher import ConfirmingPublisher
from shared.messages.retry import ATTEMPT, FailedMessage, Fate, attempts_of, put_aside, reason_of
from shared.messages.topology import (
    DELIVERY_LIMIT,
    Topology,
    TopologyError,
    declare,
    describe,
    handler_queue,
    retry_queue,
)
from tests.fixtures.waiting import wait_until

RETRIES = 2


@pytest.fixture
def publisher(amqp_uri: str) -> Iterator[ConfirmingPublisher]:
    made = ConfirmingPublisher(amqp_uri, "floor test")
    yield made
    made.close()


@pytest.fixture
def queue(declared: Topology, service: str, happened: EventType) -> str:
    return handler_queue(service, happened)


@pytest.fixture
def failed(queue: str, service: str, happened: EventType) -> Callable[..., FailedMessage]:
    def make(event_id: str = "", headers: dict[str, Any] | None = None) -> FailedMessage:
        event_id = event_id or new_id()
        body = orjson.dumps({"id": event_id, "type": happened.name})
        return FailedMessage(service, queue, body, headers or {"traceparent": "00-aa-bb-01"}, event_id)

    return make


@pytest.fixture
def parked(amqp_uri: str, service: str) -> ParkedEvents:
    return ParkedEvents(amqp_uri, [service])


def get(channel: amqp.Channel, queue: str) -> Any:
    got: list[Any] = []

    def look() -> bool:
        message = channel.basic_get(queue, no_ack=True)
        if message is not None:
            got.append(message)
        return bool(got)

    wait_until(look, f"a message in {queue}")
    return got[0]


def test_a_failed_event_comes_back_to_its_own_handler_and_is_parked_after_the_last_wait(
    channel: amqp.Channel, publisher: ConfirmingPublisher, queue: str, service: str,
    failed: Callable[..., FailedMessage], parked: ParkedEvents,
) -> None:  # fmt: skip
    """rule C16: a failed event is neither forgotten nor sent to handlers that did their part."""
    event_id, headers = new_id(), None
    for attempt in range(1, RETRIES + 1):
        assert put_aside(publisher, failed(event_id, headers), "unavailable", RETRIES) is Fate.DELAYED
        message = get(channel, queue)
        headers = message.headers
        assert headers[ATTEMPT] == attempt
        assert headers["traceparent"] == "00-aa-bb-01"
    assert put_aside(publisher, failed(event_id, headers), "unavailable", RETRIES) is Fate.PARKED
    listed = parked.list()
    assert [(event.event_id, event.handler_queue, event.reason, event.attempts) for event in listed] == [
        (event_id, queue, "unavailable", RETRIES + 1)
    ]
    # Each look hands the event out and takes it back: that must never count as poison.
    for _ in range(3):
        wait_until(lambda: parked.list() == listed, "an event that the broker has back")


def test_what_no_repeat_can_help_is_parked_at_once(
    publisher: ConfirmingPublisher, failed: Callable[..., FailedMessage], parked: ParkedEvents
) -> None:
    assert put_aside(publisher, failed(), "validation_failed", RETRIES, permanent=True) is Fate.PARKED
    assert [event.attempts for event in parked.list()] == [1]


def test_a_parked_event_is_replayed_to_its_handler_and_applied_once(
    channel: amqp.Channel, publisher: ConfirmingPublisher, queue: str, database: Database, owner: Engine,
    failed: Callable[..., FailedMessage], parked: ParkedEvents,
) -> None:  # fmt: skip
    """rule C16: listed, replayed, applied once, also when it is replayed twice."""
    wanted, other = new_id(), new_id()
    for event_id in (wanted, other, wanted):
        put_aside(publisher, failed(event_id), "unavailable", 0)
    assert parked.replay([wanted]) == 2
    for _ in range(2):
        message = get(channel, queue)
        assert message.headers["traceparent"] == "00-aa-bb-01"
        assert attempts_of(message.headers) == 0
        with database.transaction() as connection:
            event_id = orjson.loads(message.body)["id"]
            if first_time(connection, event_id, "test.on_something_happened"):
                connection.execute(text("INSERT INTO effect (note) VALUES (:note)"), {"note": event_id})
    with owner.connect() as connection:
        assert list(connection.execute(text("SELECT note FROM effect")).scalars()) == [wanted]
    assert [event.event_id for event in parked.list()] == [other]
    assert parked.replay() == 1
    assert parked.list() == []


def test_a_replay_that_finds_no_handler_keeps_the_event(
    channel: amqp.Channel, publisher: ConfirmingPublisher, queue: str, failed: Callable[..., FailedMessage],
    parked: ParkedEvents,
) -> None:  # fmt: skip
    put_aside(publisher, failed(), "unavailable", 0)
    channel.queue_delete(queue)
    with pytest.raises(BrokerUnavailableError):
        parked.replay()
    assert len(parked.list()) == 1


def test_a_copy_that_no_queue_took_is_told_so_that_the_original_stays(
    channel: amqp.Channel, publisher: ConfirmingPublisher, queue: str, failed: Callable[..., FailedMessage]
) -> None:
    channel.queue_delete(retry_queue(queue, 1))
    with pytest.raises(BrokerUnavailableError):
        put_aside(publisher, failed(), "unavailable", RETRIES)


def test_an_event_that_kills_its_worker_again_and_again_is_parked_by_the_broker(
    channel: amqp.Channel, publisher: ConfirmingPublisher, queue: str, declared: Topology,
    failed: Callable[..., FailedMessage], parked: ParkedEvents,
) -> None:  # fmt: skip
    put_aside(publisher, failed(), "unavailable", RETRIES)
    for _ in range(DELIVERY_LIMIT + 1):
        wait_until(lambda: _reject(channel, queue), "the delivery")
    wait_until(lambda: len(parked.list()) == 1, "the event to be parked")
    (event,) = parked.list()
    assert (event.handler_queue, event.reason) == (queue, DELIVERY_LIMIT_REASON)
    assert parked.replay() == 1
    assert get(channel, queue)


def _reject(channel: amqp.Channel, queue: str) -> bool:
    message = channel.basic_get(queue)
    if message is None:
        return False
    channel.basic_reject(message.delivery_tag, requeue=True)
    return True


def test_queues_with_other_arguments_are_told_by_name(
    channel: amqp.Channel, declared: Topology, service: str, happened: EventType
) -> None:
    with pytest.raises(TopologyError, match=retry_queue(handler_queue(service, happened), 1)):
        declare(channel.connection, describe(service, [happened], retry_seconds=(7, 1)))


def test_declaring_twice_is_harmless(channel: amqp.Channel, declared: Topology) -> None:
    declare(channel.connection, declared)


def test_the_command_line_lists_and_replays(
    amqp_uri: str, monkeypatch: pytest.MonkeyPatch, publisher: ConfirmingPublisher, service: str, queue: str,
    failed: Callable[..., FailedMessage],
) -> None:  # fmt: skip
    monkeypatch.setenv("AMQP_URI", amqp_uri)
    monkeypatch.setattr(dead_letters, "SERVICES", (service,))
    event_id = new_id()
    put_aside(publisher, failed(event_id), reason_of(KeyError("secret")), 0)
    output = io.StringIO()
    assert dead_letters.main(["list", "--service", service], output) == 0
    assert f"{event_id}  something_happened  {queue}  KeyError" in output.getvalue()
    assert "secret" not in output.getvalue()
    assert dead_letters.main(["replay", "--id", new_id()], output) == 0
    assert output.getvalue().endswith("0 replayed\n")
    assert dead_letters.main(["replay", "--id", event_id], output) == 0
    assert output.getvalue().endswith("1 replayed\n")


def test_the_command_line_without_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMQP_URI", raising=False)
    assert dead_letters.main(["list"]) == 2
    monkeypatch.setenv("AMQP_URI", "pyamqp://guest:guest@127.0.0.1:1//")
    assert dead_letters.main(["list"]) == 1
