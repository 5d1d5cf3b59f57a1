"""The boundary around a method: nothing but a fulfilled contract or a stated refusal comes out of it."""

import json
from typing import Any

import pytest
from marshmallow import Schema, fields

from shared import clock, logs
from shared.contracts.declaration import Caller, MethodKind, RpcMethod
from shared.errors import Category, ErrorCode
from shared.worker import deadline
from shared.worker.rpc import Answer, Request, serve


class NoteSchema(Schema):
    note = fields.String(required=True)


CONTRACT = RpcMethod("probe", "write_note", MethodKind.QUESTION, NoteSchema, NoteSchema)
full = ErrorCode("full", Category.CONFLICT, "There is no room.")


def _request(payload: object, seconds: float = 3.0) -> Request:
    return Request(payload, Caller(request_id="request-1"), clock.monotonic() + seconds)


def _echo(request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    return request


def test_a_request_past_its_deadline_is_not_run() -> None:
    runs: list[Any] = []

    def method(request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        runs.append(request)
        return request

    answer = serve(CONTRACT, method, _request({"note": "late"}, seconds=-0.001))
    assert answer.error is not None
    assert answer.error.code == "deadline_exceeded"
    assert runs == []


def test_the_method_knows_how_much_time_is_left() -> None:
    seen: list[float] = []

    def method(request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        seen.append(deadline.remaining_seconds(8.0))
        return request

    serve(CONTRACT, method, _request({"note": "hello"}, seconds=2.0))
    assert 1.5 < seen[0] <= 2.0
    assert deadline.remaining_seconds(8.0) == 8.0


@pytest.mark.parametrize("payload", [None, [], "note", {}, {"note": 1}])
def test_what_is_not_such_a_request_is_refused(payload: object) -> None:
    answer = serve(CONTRACT, _echo, _request(payload))
    assert answer.error is not None
    assert answer.error.code == "validation_failed"


def test_unknown_members_are_left_out() -> None:
    assert serve(CONTRACT, _echo, _request({"note": "hello", "later": 1})).result == {"note": "hello"}


def test_a_refusal_is_answered_as_it_is() -> None:
    def method(request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        raise full(seats=0)

    error = serve(CONTRACT, method, _request({"note": "hello"})).error
    assert error is not None
    assert error.to_wire() == full(seats=0).to_wire()


@pytest.mark.parametrize("answered", [{}, {"note": None}, None, "hello"])
def test_an_answer_that_breaks_the_contract_is_our_fault(answered: Any) -> None:
    answer = serve(CONTRACT, lambda request, caller: answered, _request({"note": "hello"}))
    assert answer.result is None
    assert answer.error is not None
    assert answer.error.to_wire()["code"] == "internal_error"


def test_an_unexpected_error_is_answered_without_a_word_of_it() -> None:
    def method(request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        raise KeyError("alex@example.test")

    body = json.loads(serve(CONTRACT, method, _request({"note": "hello"})).to_body())
    assert body["error"]["exc_type"] == "ServiceError"
    assert body["error"]["exc_args"][0]["code"] == "internal_error"
    assert "alex" not in json.dumps(body)


def test_log_lines_carry_the_request_id_while_it_is_served() -> None:
    seen: list[str] = []
    before = logs.request_id.get()

    def method(request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        seen.append(logs.request_id.get())
        return request

    serve(CONTRACT, method, _request({"note": "hello"}))
    assert seen == ["request-1"]
    assert logs.request_id.get() == before


def test_a_result_is_sent_as_nameko_sends_it() -> None:
    assert json.loads(Answer(result={"note": "مرحبا"}).to_body()) == {
        "result": {"note": "مرحبا"},
        "error": None,
    }


def test_details_that_are_no_json_are_noticed() -> None:
    with pytest.raises(TypeError):
        Answer(error=full(seats=object())).to_body()
