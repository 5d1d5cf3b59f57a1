"""Choosing how to pay, as the gateway hands it on."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts import payment
from shared.contracts.declaration import read
from shared.ids import new_id
from tests.contract.messages import ANSWERS
from tests.unit.gateway.door import Door

BOOKING = new_id()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


def test_the_list_is_payments_own(door: Door) -> None:
    """promise D8: for the currency and the provider that were named."""
    name, provider = "payment.list_payment_methods", new_id()
    door.services.answers[name] = lambda _: ANSWERS[name]
    path = f"customer/payments/methods?currency=SAR&providerId={provider}"
    assert door.call("GET", path).status_code == 401
    answer = door.call("GET", path, token=door.token())
    found = answer.get_json()["data"]["methods"]
    assert [(one["method"], one["paymentProvider"]) for one in found] == [("card", "stripe"), ("mada", "tap")]
    [asked] = door.services.asked(name)
    assert asked == {"currency": "SAR", "provider_id": provider}


@pytest.mark.parametrize(
    ("chosen", "method", "card"),
    [
        ({"paymentMethodId": "pm_card_visa"}, "card", "pm_card_visa"),
        ({"paymentMethodId": "pm_card_visa", "method": "card"}, "card", "pm_card_visa"),
        ({"method": "mada"}, "mada", None),
    ],
)
def test_a_card_is_what_it_was_and_mada_is_named(
    door: Door, chosen: dict[str, Any], method: str, card: str | None
) -> None:
    """promise D8: clients that know of no methods go on as before."""
    door.services.answers["payment.process_payment"] = lambda _: ANSWERS["payment.process_payment"]
    body = {"bookingId": BOOKING, **chosen}
    answer = door.call("POST", "customer/payments/process", json=body, token=door.token())
    assert answer.status_code in (200, 202)
    [asked] = door.services.asked("payment.process_payment")
    told = read(payment.PROCESS_PAYMENT.request, asked)
    assert (told["method"], told["payment_method_id"]) == (method, card)


@pytest.mark.parametrize(
    "chosen", [{}, {"method": "card"}, {"method": "knet"}, {"method": "mada", "paymentMethodId": "pm_1"}]
)
def test_what_is_no_choice_is_refused(door: Door, chosen: dict[str, Any]) -> None:
    """promise D7: before anybody is asked."""
    body = {"bookingId": BOOKING, **chosen}
    answer = door.call("POST", "customer/payments/process", json=body, token=door.token())
    assert (answer.status_code, answer.get_json()["code"]) == (422, "validation_failed")


def test_a_post_of_taps_passes_byte_for_byte(door: Door) -> None:
    """promise A6: with its hashstring beside it, and whose it is."""
    door.services.answers["payment.receive_webhook"] = lambda _: {"duplicate": False}
    answer = door.call(
        "POST", "customer/payments/webhook/tap", data=b'{"a": 1.00}', headers={"hashstring": "00ff"}
    )
    assert answer.status_code == 200
    [asked] = door.services.asked("payment.receive_webhook")
    assert (asked["payment_provider"], asked["signature"]) == ("tap", "00ff")
    assert asked["body_base64"] == "eyJhIjogMS4wMH0="
