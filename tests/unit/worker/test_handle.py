"""The boundary around an event handler: what failed is told apart from what can never succeed."""

from typing import Any

from marshmallow import Schema, fields

from shared import clock
from shared.contracts.declaration import EventType
from shared.errors import unavailable
from shared.ids import new_id
from shared.messages.envelope import Event
from shared.worker.events import Delivery, handle


class ThingSchema(Schema):
    note = fields.String(required=True)


HAPPENED = EventType("probe", "thing_happened", 1, ThingSchema)
QUEUE = "probe.thing_happened"


def _wire() -> dict[str, Any]:
    return Event(HAPPENED, new_id(), 1, None, None, {"note": "hello"}, clock.now()).to_wire()


def test_the_handler_gets_the_event() -> None:
    heard: list[Event] = []
    assert handle(HAPPENED, QUEUE, heard.append, Delivery(_wire())) is None
    assert [event.data for event in heard] == [{"note": "hello"}]


def test_what_a_handler_raises_is_a_failure_that_may_pass() -> None:
    def handler(event: Event) -> None:
        raise unavailable()

    failure = handle(HAPPENED, QUEUE, handler, Delivery(_wire()))
    assert failure is not None
    assert not failure.permanent


def test_what_is_no_such_event_can_never_succeed() -> None:
    heard: list[Event] = []
    wires: list[Any] = [None, [], {}, {**_wire(), "type": "other"}, {**_wire(), "data": {}}]
    for wire in wires:
        failure = handle(HAPPENED, QUEUE, heard.append, Delivery(wire))
        assert failure is not None
        assert failure.permanent
    assert heard == []
