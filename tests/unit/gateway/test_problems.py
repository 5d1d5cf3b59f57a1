"""Refusals: one table, one form, nothing of the inside."""

import importlib

import pytest
from flask import Flask

from services.gateway import problems
from services.gateway.accounts import registration, sessions
from services.gateway.blueprint import Access, Budget, declares
from shared.errors import COMMON_ERRORS, Category, ErrorCode, ServiceError, internal_error, unavailable
from tests.unit.gateway.door import Door, problem_of

CONTRACTS = ("search", "booking", "payment", "notify", "gateway")


def test_every_category_has_a_status() -> None:
    assert set(problems.STATUS) == set(Category)
    assert all(400 <= status < 600 for status in problems.STATUS.values())


def test_the_doors_own_codes_mean_one_thing() -> None:
    """A client decides by the code: one code, one status, whoever refuses."""
    own = [*problems.ERRORS, *sessions.ERRORS, registration.email_taken, *COMMON_ERRORS]
    foreign = [
        value
        for name in CONTRACTS
        for value in vars(importlib.import_module(f"shared.contracts.{name}")).values()
        if isinstance(value, ErrorCode)
    ]
    meanings: dict[str, Category] = {}
    for code in [*own, *foreign]:
        assert meanings.setdefault(code.code, code.category) is code.category, code.code


@pytest.mark.parametrize("category", list(Category))
def test_a_services_refusal_keeps_its_code_and_gets_its_status(door: Door, category: Category) -> None:
    def refuse(_: object) -> dict[str, object]:
        raise ServiceError("some_code", category, "Some words.", {"errors": {"some_field": ["Why."]}})

    door.services.answers["search.list_categories"] = refuse
    answer = door.call("GET", "customer/categories")
    body = problem_of(answer)
    assert answer.status_code == problems.STATUS[category]
    assert (body["code"], body["message"], body["type"]) == (
        "some_code",
        "Some words.",
        "urn:care:problem:some_code",
    )
    shown = {} if category in problems.HIDDEN_DETAILS else {"someField": ["Why."]}
    assert body.get("errors", {}) == shown
    assert answer.headers["Cache-Control"] == "no-store"


def test_details_are_public_json(door: Door) -> None:
    """The next free slots of a refused booking, as the journey shows them."""

    def refuse(_: object) -> dict[str, object]:
        raise ServiceError(
            "slot_taken", Category.CONFLICT, "Taken.", {"alternatives": [{"starts_at": "x", "staff_ids": []}]}
        )

    door.services.answers["booking.get_booking"] = refuse
    answer = door.call("GET", "customer/bookings/01a20ce6-9d8f-7b48-9a2f-c26f5c175f1f", token=door.token())
    assert problem_of(answer)["details"] == {"alternatives": [{"startsAt": "x", "staffIds": []}]}


def test_the_inside_is_not_shown(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    def break_down(_: object) -> dict[str, object]:
        raise RuntimeError("SELECT * FROM secret WHERE email = 'ann@example.test'")

    door.services.answers["search.list_categories"] = break_down
    answer = door.call("GET", "customer/categories")
    assert problem_of(answer)["code"] == internal_error.code
    assert b"secret" not in answer.data
    assert b"Traceback" not in answer.data
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "request_failed"
    ]


def test_a_503_says_when_to_come_back(door: Door) -> None:
    def refuse(_: object) -> dict[str, object]:
        raise unavailable(service="search", reason="broker_lost", retry_after=7)

    door.services.answers["search.list_categories"] = refuse
    answer = door.call("GET", "customer/categories")
    assert answer.headers["Retry-After"] == "7"
    assert "details" not in problem_of(answer)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nothing", 404, "not_found"),
        ("GET", "customer/providers/1", 404, "not_found"),
        ("GET", "customer/providers/01A20CE6-9D8F-7B48-9A2F-C26F5C175F1F", 404, "not_found"),
        ("DELETE", "customer/search", 405, "method_not_allowed"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(
    door: Door, method: str, path: str, status: int, code: str
) -> None:
    answer = door.call(method, path)
    assert (answer.status_code, problem_of(answer)["code"]) == (status, code)
    assert answer.headers.get("Allow") == ("GET, HEAD, OPTIONS" if status == 405 else None)


def test_a_route_that_declares_nothing_stops_the_process(door: Door) -> None:
    """promise H2"""
    from services.gateway import gate

    app = Flask("app", static_folder=None)
    app.add_url_rule("/declared", "declared", declares(Access.ANYONE, Budget.OTHER)(lambda: ""))
    gate.check_all_declared(app)
    app.add_url_rule("/silent", "silent", lambda: "")
    with pytest.raises(RuntimeError, match="silent"):
        gate.check_all_declared(app)


def test_every_response_can_be_found_again(door: Door) -> None:
    door.services.answers["search.list_categories"] = lambda _: {"categories": []}
    for path in ("customer/categories", "nothing"):
        assert len(door.call("GET", path).headers["X-Request-Id"]) == 36
        given = door.call("GET", path, headers={"X-Request-Id": "my-request-1"})
        assert given.headers["X-Request-Id"] == "my-request-1"
        odd = door.call("GET", path, headers={"X-Request-Id": "x" * 200})
        assert len(odd.headers["X-Request-Id"]) == 36
    assert door.services.calls[0][2].request_id
