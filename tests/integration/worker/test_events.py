"""Events that fail wait, are tried again, parked at last, and applied once when replayed (rule C16)."""

from typing import Any

from kombu.connection import Connection

from shared.messages.parked import ParkedEvents
from tests.fixtures.waiting import wait_until
from tests.integration.worker import probe_contract as contract
from tests.integration.worker.conftest import NAME, Ask, Notes, PublishRaw, StartProbe
from tests.integration.worker.probe_service import SECRET

QUEUE = f"{NAME}.thing_happened"


def test_an_event_is_applied_in_a_trace_that_names_who_emitted_it(
    start: StartProbe, ask: Ask, notes: Notes
) -> None:
    """promise A7: its log lines name its own trace and the one that caused it"""
    process = start()
    ask(contract.EMIT, note="hello")
    wait_until(lambda: notes.names("applied") == ["hello"], "the event")
    (emitted,) = process.events("rpc_answered")
    wait_until(lambda: process.events("event_handled"), "the handler's log line")
    (handled,) = process.events("event_handled")
    assert notes.more("heard", "hello") == [handled["trace_id"]]
    assert handled["cause_trace_id"] == emitted["trace_id"] != handled["trace_id"]


def test_an_event_that_fails_is_tried_again(start: StartProbe, ask: Ask, notes: Notes) -> None:
    """Rule C16: nameko acknowledges a handler that raised; ours gets the event again."""
    process = start()
    notes.make_handler_fail(True)
    ask(contract.EMIT, note="hello")
    retried = f'care_events_retried_total{{queue="{QUEUE}"}}'
    wait_until(lambda: process.metric(retried) >= 2, "the second attempt to fail")
    notes.make_handler_fail(False)
    wait_until(lambda: notes.names("applied") == ["hello"], "the event")
    assert notes.names("heard")[:2] == ["hello"] * 2
    assert SECRET not in process.output()


def test_an_event_that_keeps_failing_is_parked_and_replayed_once(
    start: StartProbe, ask: Ask, notes: Notes, amqp_uri: str
) -> None:
    """Rule C16: five attempts, then it rests until an operator replays it; then it is applied once."""
    process = start()
    notes.make_handler_fail(True)
    ask(contract.EMIT, note="hello")
    wait_until(lambda: process.events("event_parked"), "the parked event")
    assert notes.names("heard") == ["hello"] * 5
    event_id = process.events("event_parked")[0]["event_id"]
    parked = ParkedEvents(amqp_uri, [NAME])
    wait_until(lambda: process.metric("care_parked_events") == 1, "the gauge (promise I1)")
    (event,) = [event for event in parked.list() if event.event_id == event_id]
    assert (event.handler_queue, event.reason, event.attempts) == (QUEUE, "RuntimeError", 5)
    notes.make_handler_fail(False)
    parked.replay([event_id])
    wait_until(lambda: notes.names("applied") == ["hello"], "the replayed event")
    assert event_id not in [event.event_id for event in parked.list()]
    wait_until(lambda: process.metric("care_parked_events") == 0, "the gauge after the replay")
    assert notes.names("heard") == ["hello"] * 6


def test_a_killed_handler_leaves_its_event(start: StartProbe, ask: Ask, notes: Notes) -> None:
    process = start()
    ask(contract.EMIT, note=contract.SLOW_NOTE)
    wait_until(lambda: notes.names("heard") == [contract.SLOW_NOTE], "an event in work")
    process.kill()
    start()
    wait_until(lambda: notes.names("applied") == [contract.SLOW_NOTE], "the event")
    assert notes.names("heard") == [contract.SLOW_NOTE, contract.SLOW_NOTE]


def test_a_queue_that_was_deleted_is_there_again(
    start: StartProbe, ask: Ask, notes: Notes, amqp_uri: str
) -> None:
    process = start()
    with Connection(amqp_uri) as connection:
        channel: Any = connection.channel()
        for name in (QUEUE, f"{QUEUE}.retry.1"):
            channel.queue_delete(name)
    wait_until(lambda: len(process.events("broker_connected")) == 3, "the new declaration")
    notes.make_handler_fail(True)
    ask(contract.EMIT, note="hello")
    wait_until(lambda: notes.names("heard"), "the event")
    notes.make_handler_fail(False)
    wait_until(lambda: notes.names("applied") == ["hello"], "the event, after its retry")


def test_a_message_that_is_no_event_is_parked_at_once(
    start: StartProbe, notes: Notes, publish_raw: PublishRaw
) -> None:
    process = start()
    publish_raw(QUEUE, b'{"type": "thing_happened"}')
    wait_until(lambda: process.events("event_parked"), "the parked message")
    assert notes.names("heard") == []


def test_a_message_that_is_no_json_is_parked_by_the_broker(
    start: StartProbe, ask: Ask, notes: Notes, publish_raw: PublishRaw
) -> None:
    process = start()
    publish_raw(QUEUE, b"\xff{")
    wait_until(lambda: process.events("message_not_json"), "the refusal")
    ask(contract.EMIT, note="next")
    wait_until(lambda: notes.names("applied") == ["next"], "the next event")
