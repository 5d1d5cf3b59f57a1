"""A series paid together through the whole stack: a charge for each visit, and what a refusal leaves."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.customer import Customer
from tests.integration.platform.market import Market, wait_for_state
from tests.integration.platform.stripe_calls import Calls, more

Object = dict[str, Any]
PAYS, DECLINES = "pm_card_visa", "pm_card_chargeCustomerFail"
VISITS = 3
SPREAD = range(20, 60)
"""Days ahead on which it may begin; every card is charged at once there."""


@pytest.fixture
def series(market: Market, customer: Customer) -> Object:
    """Three visits on three days, held together."""
    for ahead in SPREAD:
        for slot in market.free_slots(customer, market.day(ahead)):
            asked = market.request(slot) | {"rule": f"FREQ=DAILY;COUNT={VISITS}"}
            seen = customer.post("customer/series/preview", asked).json()["data"]["instances"]
            if all(one["prospect"] == "free" for one in seen):
                made = customer.post("customer/series", asked)
                assert made.status_code == 201, made.text
                held: Object = made.json()["data"]
                return held
    raise AssertionError("no three days in a row are free at one time")


def test_each_visit_is_charged_by_itself_and_once(
    market: Market, customer: Customer, other: Customer, series: Object, changes: Callable[[], Calls]
) -> None:
    """promise C6, rules C13, T17 and W9: a card that is refused for one visit undoes no other, a repeat
    charges nobody again, and another card pays what is left."""
    path, visits = (
        f"customer/series/{series['seriesId']}/pay",
        [one["booking"] for one in series["instances"]],
    )
    cards = [PAYS, DECLINES, PAYS]
    named = [
        {"bookingId": visit["bookingId"], "paymentMethodId": card}
        for visit, card in zip(visits, cards, strict=True)
    ]
    assert other.post(path, {"visits": named}).status_code == 404
    before = changes()
    first = customer.post(path, {"visits": named}, key="together")
    assert (first.status_code, _results(first.json())) == (200, ["succeeded", "card_declined", "succeeded"])
    charged = changes()
    assert more(before, charged, "/v1/payment_intents") >= VISITS
    again = customer.post(path, {"visits": named}, key="together")
    assert (again.status_code, _results(again.json())) == (200, _results(first.json()))
    assert more(charged, changes(), "/v1/payment_intents") == 0
    for visit, state in zip(visits, ("confirmed", "pending", "confirmed"), strict=True):
        wait_for_state(customer, visit, state)

    rest = customer.post(path, {"paymentMethodId": PAYS}, key="the-rest")
    assert rest.status_code == 200, rest.text
    assert [(one["bookingId"], one["code"]) for one in rest.json()["data"]["visits"]] == [
        (visits[1]["bookingId"], None)
    ]
    wait_for_state(customer, visits[1], "confirmed")
    paid = [one for one in customer.get("customer/payments").json()["data"]["payments"] if one["captured"]]
    assert {one["bookingId"] for one in paid} == {one["bookingId"] for one in visits}
    assert len({one["paymentIntentId"] for one in paid}) == VISITS
    assert [one["amount"] for one in paid] == [visits[0]["quote"]["total"]["amount"]] * VISITS


def _results(answer: Object) -> list[str]:
    return [one["code"] or one["payment"]["status"] for one in answer["data"]["visits"]]
