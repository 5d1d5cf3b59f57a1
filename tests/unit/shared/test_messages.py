"""Envelope, topology, fingerprint and waits: what needs no server."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from shared.contracts.declaration import Caller, EventType, MethodKind, RpcMethod
from shared.contracts.fields import Instant
from shared.database.idempotency import IdempotentRequest, fingerprint
from shared.errors import ServiceError
from shared.messages import retry, topology
from shared.messages.broker import LONGEST_WAIT_SECONDS, wait_before_attempt
from shared.messages.envelope import Event

AT = datetime(2027, 1, 15, 10, 0, tzinfo=UTC)


class DataSchema(Schema):
    name = fields.String(required=True)
    at = Instant(required=True)


MOVED = EventType("booking", "booking_moved", 2, DataSchema)


def event(**changes: Any) -> Event:
    values: dict[str, Any] = {
        "type": MOVED,
        "aggregate_id": "b1",
        "aggregate_version": 7,
        "provider_id": "p1",
        "user_id": None,
        "data": {"name": "x", "at": AT},
        "occurred_at": AT,
    }
    return Event(**(values | changes))


def test_an_event_survives_the_wire() -> None:
    sent = event()
    received = Event.from_wire(MOVED, sent.to_wire())
    assert received == sent


def test_a_consumer_leaves_out_what_a_newer_producer_added() -> None:
    wire = event().to_wire()
    wire["version"] = 3
    wire["data"]["added"] = 1
    wire["added"] = 1
    assert Event.from_wire(MOVED, wire).data == {"name": "x", "at": AT}


def test_a_producer_is_held_to_its_contract() -> None:
    with pytest.raises(ValidationError):
        event(data={"at": AT}).to_wire()


@pytest.mark.parametrize(
    "spoil",
    [
        {"type": "another"},
        {"id": "not an id"},
        {"aggregate_version": "x"},
        {"time": "yesterday"},
        {"data": {"name": 5}},
        {"data": None},
    ],
)
def test_what_is_not_such_an_event_is_refused(spoil: dict[str, Any]) -> None:
    with pytest.raises(ServiceError):
        Event.from_wire(MOVED, event().to_wire() | spoil)
    with pytest.raises(ServiceError):
        Event.from_wire(MOVED, [1])


def test_the_routing_key_names_provider_and_user() -> None:
    assert event().routing_key() == "booking_moved.p1.-"
    assert event(provider_id=None, user_id="u1").routing_key() == "booking_moved.-.u1"


def test_the_queues_of_a_handler() -> None:
    """The whole chain: exchange -> queue -> delays -> queue, and parked at the end."""
    described = topology.describe("notify", [MOVED])
    assert described.exchanges == ("booking.events", "notify.events")
    queues = {queue.name: queue for queue in described.queues}
    assert list(queues) == [
        "parked.notify",
        "notify.booking_moved",
        *(f"notify.booking_moved.retry.{n}" for n in (1, 2, 3, 4)),
    ]
    main = queues["notify.booking_moved"]
    assert main.bindings == (("booking.events", "booking_moved.#"),)
    assert main.arguments == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "parked.notify",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    assert [queues[f"notify.booking_moved.retry.{n}"].arguments["x-message-ttl"] for n in (1, 2, 3, 4)] == [
        5_000,
        30_000,
        300_000,
        3_600_000,
    ]
    delay = queues["notify.booking_moved.retry.1"]
    assert (delay.arguments["x-dead-letter-routing-key"], delay.bindings) == ("notify.booking_moved", ())
    assert queues["parked.notify"].arguments == {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}


def test_two_events_of_one_name_would_share_a_queue() -> None:
    twin = EventType("payment", "booking_moved", 1, DataSchema)
    with pytest.raises(ValueError, match="two events"):
        topology.describe("notify", [MOVED, twin])


def test_a_copy_starts_without_the_accounts_of_the_broker_and_ours() -> None:
    headers = {
        "traceparent": "t",
        "x-death": [],
        "x-first-death-queue": "q",
        "x-delivery-count": 1,
        "x-attempt": 2,
        "x-reason": "r",
    }
    assert retry.without_accounts(headers) == {"traceparent": "t"}
    assert retry.attempts_of(headers) == 2
    assert retry.attempts_of({}) == 0


class RequestSchema(Schema):
    pass


COMMAND = RpcMethod("booking", "move", MethodKind.COMMAND, RequestSchema, RequestSchema)


def test_the_fingerprint_sees_values_and_neither_key_nor_order_nor_what_is_absent() -> None:
    """rule C13: what counts as the same request."""
    base = {"a": 1, "at": AT, "idempotency_key": "k1"}
    assert fingerprint(base) == fingerprint({"idempotency_key": "k2", "at": AT, "a": 1, "new": None})
    elsewhere = AT.astimezone(timezone(timedelta(hours=3)))
    assert fingerprint(base) == fingerprint(base | {"at": elsewhere})
    assert fingerprint(base) != fingerprint(base | {"a": 2})
    assert fingerprint(base) != fingerprint(base | {"a": "1"})
    assert fingerprint({"a": [1, 2]}) != fingerprint({"a": [2, 1]})


def test_caller_method_and_key_have_locks_of_their_own() -> None:
    def lock(user: str, key: str) -> int:
        return IdempotentRequest.of(COMMAND, Caller(user_id=user), {"idempotency_key": key}).lock_number

    numbers = {lock("a", "bc"), lock("ab", "c"), lock("a", "b"), lock("", "abc")}
    assert len(numbers) == 4
    assert all(-(2**63) <= number < 2**63 for number in numbers)


def test_waits_grow_and_stay_bounded() -> None:
    assert wait_before_attempt(1, lambda: 1.0) == pytest.approx(0.2)
    assert wait_before_attempt(1, lambda: 0.0) == pytest.approx(0.1)
    assert wait_before_attempt(100, lambda: 1.0) == LONGEST_WAIT_SECONDS
