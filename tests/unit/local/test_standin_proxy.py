"""The proxy before the stand-in keeps keys as Stripe does, counts calls and carries out ordered faults."""

from __future__ import annotations

import asyncio
import json

import pytest

from deploy.local.standin.proxy.calls import operation_of
from deploy.local.standin.proxy.faults import Faults
from deploy.local.standin.proxy.fixtures import Fixtures
from deploy.local.standin.proxy.keys import Answer, IdempotencyKeys, fingerprint_of

FIRST = fingerprint_of("/v1/payment_intents", b"amount=1000&currency=usd")
SAME = fingerprint_of("/v1/payment_intents", b"currency=usd&amount=1000")
OTHER = fingerprint_of("/v1/payment_intents", b"amount=1001&currency=usd")


class Standin:
    """Answers with a new number each time."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.calls = 0

    async def answer(self) -> Answer:
        self.calls += 1
        await asyncio.sleep(0)
        return Answer(self.status, str(self.calls).encode())


def test_the_first_answer_of_a_key_is_replayed() -> None:
    async def scenario() -> None:
        keys, standin = IdempotencyKeys(), Standin()
        first = await keys.once("a", FIRST, standin.answer)
        second = await keys.once("a", SAME, standin.answer)
        assert (first.body, second.body, standin.calls) == (b"1", b"1", 1)
        assert second.is_replayed
        assert not first.is_replayed
        assert (await keys.once("b", FIRST, standin.answer)).body == b"2"

    asyncio.run(scenario())


def test_a_key_with_other_parameters_is_refused() -> None:
    async def scenario() -> None:
        keys, standin = IdempotencyKeys(), Standin()
        await keys.once("a", FIRST, standin.answer)
        refused = await keys.once("a", OTHER, standin.answer)
        assert refused.status == 400
        assert b"idempotency_error" in refused.body
        assert standin.calls == 1

    asyncio.run(scenario())


def test_a_second_request_while_the_first_is_at_work_conflicts() -> None:
    async def scenario() -> None:
        keys, standin = IdempotencyKeys(), Standin()
        answers = await asyncio.gather(*(keys.once("a", FIRST, standin.answer) for _ in range(3)))
        assert sorted(answer.status for answer in answers) == [200, 409, 409]
        assert standin.calls == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "is_kept"), [(200, True), (402, True), (500, True), (400, False), (429, False)]
)
def test_only_what_stripe_keeps_is_kept(status: int, is_kept: bool) -> None:
    async def scenario() -> None:
        keys, standin = IdempotencyKeys(), Standin(status)
        await keys.once("a", FIRST, standin.answer)
        await keys.once("a", FIRST, standin.answer)
        assert standin.calls == (1 if is_kept else 2)

    asyncio.run(scenario())


def test_operations_carry_no_ids() -> None:
    assert operation_of("POST", "/v1/payment_intents") == "POST /v1/payment_intents"
    assert operation_of("GET", "/v1/payment_intents/pi_1") == "GET /v1/payment_intents/{id}"
    assert operation_of("POST", "/v1/payment_intents/pi_1/confirm") == "POST /v1/payment_intents/{id}/confirm"


def test_a_fault_meets_what_it_names_as_often_as_it_says() -> None:
    faults = Faults()
    faults.order({"requests": [{"do": "cut", "match": "POST /v1/refunds", "times": 2}]})
    assert faults.for_request("POST /v1/payment_intents") is None
    met = [faults.for_request("POST /v1/refunds") for _ in range(3)]
    assert [fault.do if fault else None for fault in met] == ["cut", "cut", None]
    assert faults.for_webhook("payment_intent.succeeded") is None


@pytest.mark.parametrize(
    "order", [{"requests": [{"do": "explode"}]}, {"webhooks": [{"do": "drop", "tims": 1}]}]
)
def test_an_unknown_order_is_refused(order: dict[str, list[dict[str, str]]]) -> None:
    with pytest.raises(ValueError, match=r"explode|tims"):
        Faults().order(order)


def test_orders_of_one_side_leave_the_other_alone_and_say_what_is_left() -> None:
    faults = Faults()
    faults.order({"requests": [{"do": "error", "times": 2}]})
    faults.order({"webhooks": [{"do": "drop"}]})
    faults.for_request("POST /v1/refunds")
    assert [order["times"] for order in faults.left()["requests"]] == [1]
    assert [order["do"] for order in faults.left()["webhooks"]] == ["drop"]
    faults.order({})
    assert faults.left() == {"requests": [], "webhooks": []}


def test_ordered_members_lie_over_those_of_an_answer() -> None:
    """What the stand-in's object lacks is added within it; what is not named stays, refusals as well."""
    fixtures, confirm = Fixtures(), "POST /v1/payment_intents/{id}/confirm"
    charge = {"id": "ch_1", "payment_method_details": {"type": "card", "card": None}}
    said = Answer(200, json.dumps({"id": "pi_1", "latest_charge": charge}).encode())
    fixtures.order({confirm: {"over": {"latest_charge": {"payment_method_details": {"card": {"a": 1}}}}}})
    assert fixtures.for_request(confirm) is None
    expected = {"id": "ch_1", "payment_method_details": {"type": "card", "card": {"a": 1}}}
    assert json.loads(fixtures.over(confirm, said).body) == {"id": "pi_1", "latest_charge": expected}
    refused = Answer(402, b"{}")
    assert fixtures.over(confirm, refused) is refused
    assert fixtures.over("POST /v1/refunds", said) is said
    fixtures.order({})
    assert fixtures.over(confirm, said) is said
