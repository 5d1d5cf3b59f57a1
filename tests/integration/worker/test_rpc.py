"""RPC methods of a real process: what passes to the caller, and what never does."""

import dataclasses

import pytest
from marshmallow import fields

from shared.contracts.declaration import Caller
from shared.errors import Category, ServiceError
from shared.messages.rpc_client import RpcClient
from tests.integration.worker import probe_contract as contract
from tests.integration.worker.conftest import Ask
from tests.integration.worker.probe_process import ProbeProcess
from tests.integration.worker.probe_service import SECRET


def test_request_and_caller_reach_the_method(process: ProbeProcess, ask: Ask) -> None:
    answer = ask(contract.ECHO, text="hello", within=2.0)
    assert answer["text"] == "hello"
    assert answer["user_id"] == "somebody"
    assert 1000 < answer["remaining_ms"] <= 2000
    (line,) = process.events("rpc_answered")
    assert line["request_id"] == "request-1"
    assert line["trace_id"] == answer["trace_id"] != ""


def test_members_of_a_later_release_are_left_out(process: ProbeProcess, client: RpcClient) -> None:
    class LaterRequestSchema(contract.EchoRequestSchema):
        later = fields.String()

    method = dataclasses.replace(contract.ECHO, request=LaterRequestSchema)
    answer = client.call(method, {"text": "hello", "later": "unknown"}, Caller())
    assert answer["members"] == ["number", "text"]


def test_a_request_that_breaks_the_contract_is_refused_by_field(process: ProbeProcess, ask: Ask) -> None:
    with pytest.raises(ServiceError) as caught:
        ask(contract.ECHO, number=1)
    assert (caught.value.code, caught.value.category) == ("validation_failed", Category.INVALID)
    assert list(caught.value.details["errors"]) == ["text"]


def test_a_stated_refusal_passes_with_its_details(process: ProbeProcess, ask: Ask) -> None:
    with pytest.raises(ServiceError) as caught:
        ask(contract.MISBEHAVE, how="refuse")
    assert caught.value.to_wire() == contract.probe_refused(reason="asked").to_wire()


def test_a_refusal_that_no_contract_states_is_noticed(process: ProbeProcess, ask: Ask) -> None:
    with pytest.raises(ServiceError) as caught:
        ask(contract.MISBEHAVE, how="refuse_otherwise")
    assert caught.value.code == "not_stated"
    assert process.events("error_not_in_contract")[0]["code"] == "not_stated"


@pytest.mark.parametrize("how", ["raise", "break_contract"])
def test_a_bug_is_logged_with_its_trace_and_hidden(process: ProbeProcess, ask: Ask, how: str) -> None:
    with pytest.raises(ServiceError) as caught:
        ask(contract.MISBEHAVE, how=how)
    assert caught.value.code == "internal_error"
    assert caught.value.details == {}
    (line,) = process.events("rpc_failed")
    assert line["trace_id"]
    assert line["exception"]
    assert SECRET not in process.output()


def test_a_refusal_that_is_no_json_is_a_bug(process: ProbeProcess, ask: Ask) -> None:
    with pytest.raises(ServiceError) as caught:
        ask(contract.MISBEHAVE, how="refuse_badly")
    assert caught.value.code == "internal_error"
    assert process.events("answer_not_json")
    assert ask(contract.ECHO, text="still there")["text"] == "still there"


def test_nothing_leaves_that_the_contract_does_not_state(process: ProbeProcess, ask: Ask) -> None:
    assert ask(contract.MISBEHAVE, how="say too much") == {"kept": "well"}


def test_a_method_that_is_not_served_is_unavailable(process: ProbeProcess, ask: Ask) -> None:
    with pytest.raises(ServiceError) as caught:
        ask(contract.UNSERVED, note="hello")
    assert caught.value.code == "unavailable"


def test_a_peer_gets_what_is_left_of_the_time(process: ProbeProcess, ask: Ask) -> None:
    answer = ask(contract.ASK_PEER, text="hello", number=700, within=2.0)
    assert 300 < answer["remaining_ms"] < 1300
    assert answer["user_id"] == "somebody"


def test_a_trace_goes_on_through_a_peer(process: ProbeProcess, ask: Ask) -> None:
    answer = ask(contract.ASK_PEER, text="hello", within=2.0)
    assert {line["trace_id"] for line in process.events("rpc_answered")} == {answer["trace_id"]}


def test_an_answer_is_counted(process: ProbeProcess, ask: Ask) -> None:
    sample = f'care_rpc_server_seconds_count{{method="echo",outcome="ok",service="{contract.SERVICE}"}}'
    before = process.metric(sample)
    ask(contract.ECHO, text="hello")
    assert process.metric(sample) == before + 1
