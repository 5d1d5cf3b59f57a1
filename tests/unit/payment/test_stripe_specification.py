"""Every request of ours is one that Stripe's OpenAPI document allows; what it does not is found."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.payment.clients.request_check import PARAMS
from services.payment.clients.standin_capabilities import CARD_NUMBERS, card_to_make
from services.payment.settings import Mode
from tests.fixtures import stripe_requests
from tests.fixtures.stripe_specification import OPERATIONS, problems
from tests.unit.payment.test_stripe_requests import Recorder, gateway, order


def charge(**changes: Any) -> dict[str, Any]:
    params = gateway(Mode.SANDBOX, Recorder()).charge_request(order()).params
    return {name: value for name, value in (params | changes).items() if value is not None}


def test_every_operation_of_ours_can_be_checked() -> None:
    """promise A4: none is sent that the check of the whole run would pass over."""
    assert set(PARAMS) <= set(OPERATIONS)


def test_our_requests_are_as_stripe_describes_them() -> None:
    """promise A4: the second layer beside the types of the pinned library."""
    ours = gateway(Mode.SANDBOX, Recorder())
    for request in (ours.charge_request(order()), ours.confirm_request("pi_1"), ours.cancel_request("pi_1")):
        assert problems(request.operation, request.params) == []
    for name in CARD_NUMBERS:
        assert problems("create_payment_method", card_to_make(Mode.STAND_IN, name) or {}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"amout": 1},
        {"transfer_data": {"destination": "acct_1", "fee": 1}},
        {"transfer_data": {}},
        {"capture_method": "sometimes"},
        {"amount": 100.5},
        {"amount": None},
        {"application_fee_amount": "10"},
        {"metadata": "x"},
    ],
)
def test_what_stripe_would_not_understand_is_found(changes: dict[str, Any]) -> None:
    assert problems("create", charge()) == []
    assert len(problems("create", charge(**changes))) >= 1


def test_a_run_says_what_was_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """promise A4: counted by operation, with what was not checked."""
    record = tmp_path / "requests"
    lines = [("create", charge()), ("create", charge()), ("retrieve", {"expand": ["latest_charge"]})]
    record.write_text("".join(json.dumps({"operation": name, "params": one}) + "\n" for name, one in lines))
    assert stripe_requests.main(record) == 0
    assert capsys.readouterr().out == "requests to Stripe: create 2, retrieve 1; wrong: 0, unchecked: 0\n"
    with record.open("a") as file:
        file.write(json.dumps({"operation": "launder", "params": {}}) + "\n")
        file.write(json.dumps({"operation": "create", "params": charge(amount=None)}) + "\n")
    assert stripe_requests.main(record) == 1
    assert "wrong: 1, unchecked: 1" in capsys.readouterr().out


def test_a_run_without_requests_is_fine(tmp_path: Path) -> None:
    assert stripe_requests.main(tmp_path / "none") == 0
