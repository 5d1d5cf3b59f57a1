"""Commission rules and figures of money at the door: for administrators, exact, by the contract."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from services.gateway.audit.trail import Ask, Command
from shared.contracts import payment_books as contract
from shared.contracts.declaration import read
from tests.contract import books
from tests.unit.gateway.door import Door, problem_of

ADMIN = ("admin",)
TERMS = {
    "defaultRate": 0.1,
    "lines": [{"category": "massage", "fromBookings": 20, "rate": 0.07}, {"category": "nursing", "rate": 0}],
}
DAYS = {"from": "2027-01-01", "to": "2027-01-31"}
POLICY = "admin/policies/commission"


class Kept:
    """Stands for the audit: keeps what is asked."""

    def __init__(self) -> None:
        self.asks: list[Ask] = []

    def carry_out(self, ask: Ask, command: Command) -> dict[str, Any]:
        self.asks.append(ask)
        answer = command()
        json.dumps([dict(ask.request), answer])
        return answer


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    made.resources.trail = Kept()  # type: ignore[assignment]
    for name in books.ANSWERS:
        made.services.answers[name] = lambda _, name=name: _answer(name)  # type: ignore[misc]
    yield made
    made.close()


def _answer(name: str) -> dict[str, Any]:
    """As the client of RPC reads it: instants are datetimes, rates decimals."""
    method = next(one for one in contract.METHODS if one.full_name == name)
    return read(method.answer, books.ANSWERS[name])


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", POLICY, None),
        ("POST", POLICY, {**TERMS, "validFrom": "2027-02-01T00:00:00Z", "reason": "x"}),
        ("POST", f"{POLICY}/preview", {**TERMS, **DAYS}),
        ("GET", "admin/analytics/money?from=2027-01-01&to=2027-01-31", None),
    ],
)
def test_they_are_for_administrators(door: Door, verb: str, path: str, body: Any) -> None:
    """promise H2: strangers are asked to sign in, customers and providers are refused, before any service."""
    assert door.call(verb, path, json=body).status_code == 401
    refused = door.call(verb, path, json=body, token=door.token(roles=("customer", "provider")))
    assert problem_of(refused)["code"] == "forbidden"
    assert not door.services.calls
    assert door.call(verb, path, json=body, token=door.token(roles=ADMIN)).status_code in (200, 201)


def test_a_proposal_reaches_payment_digit_by_digit(door: Door) -> None:
    """promise G3, rule M1: written to the audit with its reason; rates are decimals from the client's digits
    to the contract's text."""
    body = {**TERMS, "validFrom": "2027-02-01T00:00:00Z", "reason": "x"}
    answer = door.call("POST", POLICY, json=body, token=door.token(roles=ADMIN))
    assert answer.status_code == 201
    assert answer.get_json()["data"]["lines"][0]["fromBookings"] == 20
    [ask] = cast(Kept, door.resources.trail).asks
    assert (ask.object_kind, ask.reason) == ("commission_rules", "x")
    [asked] = door.services.asked("payment.propose_commission_rules")
    written = contract.PROPOSE_COMMISSION_RULES.request().dump(asked)
    assert (written["default_rate"], [line["rate"] for line in written["lines"]]) == ("0.1", ["0.07", "0"])
    assert read(contract.PROPOSE_COMMISSION_RULES.request, written)["lines"][1]["category"] == "nursing"


def test_figures_are_amounts_in_major_units(door: Door) -> None:
    """promise D10, rule B18: of the days and the currency that were asked for."""
    token = door.token(roles=ADMIN)
    answer = door.call(
        "GET",
        "admin/analytics/money?from=2027-01-01&to=2027-01-31&groupBy=category&currency=USD",
        token=token,
    )
    assert answer.status_code == 200
    assert b'"revenue":{"amount":2100.00,"currency":"USD"}' in answer.data
    assert answer.get_json()["data"]["totals"][0]["averagePerBooking"] == {"amount": 100, "currency": "USD"}
    [asked] = door.services.asked("payment.get_money_figures")
    assert asked == books.REQUESTS["payment.get_money_figures"]
    wrong = door.call(
        "GET", "admin/analytics/money?from=2027-01-01&to=2027-01-31&groupBy=weekday", token=token
    )
    assert "groupBy" in problem_of(wrong)["errors"]
