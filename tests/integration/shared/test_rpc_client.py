"""Asking a service: deadlines, refusals, and what callers see while the broker is away."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from marshmallow import Schema
from opentelemetry.sdk.trace import TracerProvider

from shared.contracts.declaration import Caller, MethodKind, RpcMethod
from shared.errors import (
    ServiceError,
    deadline_exceeded,
    internal_error,
    not_found,
    outcome_unknown,
    unavailable,
)
from shared.messages.rpc_client import RpcClient
from shared.messages.rpc_gate import FAILURES_TO_OPEN
from tests.fixtures.waiting import wait_until
from tests.integration.shared.peer import Answer, Peer
from tests.integration.shared.proxy import Proxy

CALLER = Caller(user_id="u1", roles=("customer",), memberships=("p1", "p2"), request_id="r1")
NOTE = {"note": "hello"}


def echo(method: str, request: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    return {"result": {"note": request["note"], "at": "2027-01-15T10:00:00Z", "new_member": 1}, "error": None}


def silence(method: str, request: dict[str, Any], headers: dict[str, Any]) -> None:
    return None


@pytest.fixture
def start_peer(amqp_uri: str, service: str) -> Iterator[Callable[[Answer], Peer]]:
    peers: list[Peer] = []

    def start(answer: Answer) -> Peer:
        peers.append(Peer(amqp_uri, service, answer))
        return peers[-1]

    yield start
    for peer in peers:
        peer.stop()


@pytest.fixture
def client(proxied_amqp_uri: str) -> Iterator[RpcClient]:
    made = RpcClient(proxied_amqp_uri, "floor-test")
    made.start()
    wait_until(lambda: made.is_connected, "the broker")
    yield made
    made.stop()


def refused(call: Callable[[], object]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


def in_background(call: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(call())
        except ServiceError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def test_the_answer_comes_back_as_values_of_the_contract(
    client: RpcClient, question: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    start_peer(echo)
    answer = client.call(question, NOTE, CALLER)
    assert answer["note"] == "hello"
    assert answer["at"].year == 2027
    assert "new_member" not in answer


def test_who_asks_the_deadline_and_the_trace_travel_along(
    client: RpcClient, question: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    peer = start_peer(echo)
    with TracerProvider().get_tracer("test").start_as_current_span("request") as span:
        client.call(question, NOTE, CALLER, timeout_seconds=2)
    method, request, headers = peer.received[0]
    assert (method, request) == (question.full_name, NOTE)
    context = {name.removeprefix("nameko."): value for name, value in headers.items()}
    caller = Caller.from_context(context)
    assert (caller.user_id, caller.roles, caller.memberships) == ("u1", ("customer",), ("p1", "p2"))
    assert 1000 < caller.deadline_ms <= 2000
    assert f"{span.get_span_context().trace_id:032x}" in headers["traceparent"]


def test_a_refusal_of_the_service_is_raised_and_any_other_failure_is_internal(
    client: RpcClient, question: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    def answer(method: str, request: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
        if request["note"] == "bug":
            return {
                "result": None,
                "error": {"exc_type": "KeyError", "exc_args": ["secret"], "value": "secret"},
            }
        if request["note"] == "broken":
            return {"result": {"at": 5}, "error": None}
        wire = not_found(kind="note").to_wire()
        return {"result": None, "error": {"exc_type": "ServiceError", "exc_args": [wire], "value": ""}}

    start_peer(answer)
    error = refused(lambda: client.call(question, NOTE, CALLER))
    assert not_found.matches(error)
    assert error.details == {"kind": "note"}
    bug = refused(lambda: client.call(question, {"note": "bug"}, CALLER))
    assert internal_error.matches(bug)
    assert "secret" not in str(bug.to_wire())
    assert internal_error.matches(refused(lambda: client.call(question, {"note": "broken"}, CALLER)))


def test_a_service_that_nobody_runs_is_unavailable_at_once(client: RpcClient) -> None:
    nobody = RpcMethod("nobody_runs_this", "read", MethodKind.QUESTION, Schema, Schema)
    started = time.monotonic()
    error = refused(lambda: client.call(nobody, {}, CALLER))
    assert unavailable.matches(error)
    assert error.details["reason"] == "no_such_service"
    assert time.monotonic() - started < 1


def test_no_answer_in_time(
    client: RpcClient, question: RpcMethod, command: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    """A question may be asked again; of a command nobody knows whether it was done."""
    start_peer(silence)
    assert deadline_exceeded.matches(
        refused(lambda: client.call(question, NOTE, CALLER, timeout_seconds=0.2))
    )
    assert outcome_unknown.matches(refused(lambda: client.call(command, NOTE, CALLER, timeout_seconds=0.2)))


def test_after_five_missed_deadlines_callers_are_refused_at_once_until_a_probe_is_answered(
    client: RpcClient, question: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    alive = threading.Event()
    start_peer(lambda *request: echo(*request) if alive.is_set() else None)
    for _ in range(FAILURES_TO_OPEN):
        refused(lambda: client.call(question, NOTE, CALLER, timeout_seconds=0.05))
    started = time.monotonic()
    error = refused(lambda: client.call(question, NOTE, CALLER))
    assert (error.code, error.details["reason"]) == ("unavailable", "not_answering")
    assert time.monotonic() - started < 0.1
    alive.set()

    def answered() -> bool:
        try:
            return bool(client.call(question, NOTE, CALLER))
        except ServiceError:
            return False

    wait_until(answered, "a probe to be let through", seconds=3)
    assert client.call(question, NOTE, CALLER)


def test_a_bound_of_calls_in_flight_per_service(
    proxied_amqp_uri: str, question: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    peer = start_peer(silence)
    client = RpcClient(proxied_amqp_uri, "floor-test", max_in_flight=2)
    waiting = [
        in_background(lambda: client.call(question, NOTE, CALLER, timeout_seconds=1.5)) for _ in range(2)
    ]
    wait_until(lambda: len(peer.received) == 2, "two calls in flight")
    error = refused(lambda: client.call(question, NOTE, CALLER))
    assert (error.code, error.details["reason"]) == ("unavailable", "overloaded")
    for thread, _ in waiting:
        thread.join()
    client.stop()


def test_a_lost_broker_fails_what_is_in_flight_within_a_second_and_comes_back_by_itself(
    client: RpcClient, broker_proxy: Proxy, question: RpcMethod, command: RpcMethod,
    start_peer: Callable[[Answer], Peer],
) -> None:  # fmt: skip
    alive = threading.Event()
    peer = start_peer(lambda *request: echo(*request) if alive.is_set() else None)
    calls = [in_background(partial(client.call, method, NOTE, CALLER)) for method in (question, command)]
    wait_until(lambda: len(peer.received) == 2, "two calls in flight")
    cut_at = time.monotonic()
    broker_proxy.cut(refuse=True)
    for thread, _ in calls:
        thread.join(5)
    assert time.monotonic() - cut_at < 1
    (_, asked), (_, told) = calls
    assert unavailable.matches(asked[0])  # type: ignore[arg-type]
    assert outcome_unknown.matches(told[0])  # type: ignore[arg-type]
    started = time.monotonic()
    error = refused(lambda: client.call(question, NOTE, CALLER))
    assert (error.code, error.details["retry_after"]) == ("unavailable", 1)
    assert time.monotonic() - started < 0.2
    broker_proxy.heal()
    alive.set()
    wait_until(lambda: client.is_connected, "a new connection", seconds=8)
    assert client.call(command, NOTE, CALLER)["note"] == "hello"


def test_a_question_survives_a_connection_that_blinks(
    client: RpcClient, broker_proxy: Proxy, question: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    """It is asked once more over the next connection; a command never is."""
    peer = start_peer(lambda *request: echo(*request) if len(peer.received) > 1 else None)
    thread, outcome = in_background(lambda: client.call(question, NOTE, CALLER))
    wait_until(lambda: len(peer.received) == 1, "the call in flight")
    broker_proxy.cut()
    thread.join(5)
    assert isinstance(outcome[0], dict)
    assert len(peer.received) == 2


def test_a_frozen_broker_costs_the_deadline_and_no_more(
    client: RpcClient, broker_proxy: Proxy, question: RpcMethod, command: RpcMethod,
    start_peer: Callable[[Answer], Peer],
) -> None:  # fmt: skip
    start_peer(echo)
    client.call(question, NOTE, CALLER)
    broker_proxy.freeze()
    started = time.monotonic()
    error = refused(lambda: client.call(command, NOTE, CALLER, timeout_seconds=0.3))
    assert outcome_unknown.matches(error)
    assert time.monotonic() - started < 1
    broker_proxy.heal()
    assert client.call(question, NOTE, CALLER)["note"] == "hello"


def test_thirty_threads_share_the_connections(
    client: RpcClient, broker_proxy: Proxy, question: RpcMethod, start_peer: Callable[[Answer], Peer]
) -> None:
    start_peer(echo)
    client.call(question, NOTE, CALLER)

    def ask(number: int) -> list[str]:
        notes = [f"{number}-{each}" for each in range(10)]
        return [client.call(question, {"note": note}, CALLER)["note"] for note in notes]

    calls = [in_background(partial(ask, number)) for number in range(30)]
    for number, (thread, outcome) in enumerate(calls):
        thread.join()
        assert outcome == [[f"{number}-{i}" for i in range(10)]]
    assert broker_proxy.connections == 2


def test_without_a_broker_a_new_process_says_so_soon(question: RpcMethod) -> None:
    client = RpcClient("pyamqp://guest:guest@127.0.0.1:1//", "floor-test")
    started = time.monotonic()
    assert unavailable.matches(refused(lambda: client.call(question, NOTE, CALLER)))
    assert time.monotonic() - started < 2.5
    client.stop()
