"""Every request of ours is one that Stripe's own types allow, and nothing leaves that is not."""

import json
from contextlib import nullcontext
from typing import Any

import pytest
import stripe

from services.payment.clients.request_check import PARAMS, RequestNotValidError, check_request
from services.payment.clients.standin_capabilities import CARD_NUMBERS, NOT_SUPPORTED, card_to_make
from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.domain.charge import ChargeOrder, FeeRefundOrder, RefundOrder
from services.payment.domain.refunds import FeeObservation
from services.payment.settings import Mode, PaymentSettings
from shared.ids import new_id
from shared.money import Money


class Recorder(stripe.HTTPClient):
    """What would have gone to Stripe."""

    name = "recorder"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, str, dict[str, str]]] = []
        self.body = (
            '{"id": "pi_1", "object": "payment_intent", "status": "requires_confirmation", '
            '"amount": 10500, "amount_received": 0, "currency": "usd", "metadata": {}, '
            '"latest_charge": "ch_1"}'
        )

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        self.sent.append((method, url, post_data or "", dict(headers)))
        return self.body, 200, {"request-id": "req_1"}

    def close(self) -> None:
        """Holds nothing."""


def gateway(mode: Mode, recorder: Recorder) -> StripeGateway:
    settings = PaymentSettings(database_url="", amqp_uri="", stripe_secret_key="sk_test_1")
    return StripeGateway(stripe_client(settings, recorder), mode, nullcontext)


def order(destination: str = "acct_1", commission: int = 1000) -> ChargeOrder:
    return ChargeOrder(
        payment_id=new_id(),
        booking_id=new_id(),
        kind="booking",
        amount=Money(10500, "USD"),
        commission=Money(commission, "USD"),
        destination=destination,
        payment_method="pm_card_visa",
    )


def test_every_request_of_ours_is_known_to_stripe() -> None:
    """promise A4, rule W14: held against the generated types of the pinned library."""
    ours = gateway(Mode.SANDBOX, Recorder())
    for request in (
        ours.charge_request(order()),
        ours.charge_request(order(commission=0)),
        ours.confirm_request("pi_1"),
        ours.cancel_request("pi_1"),
    ):
        check_request(request.operation, request.params)
    for name in CARD_NUMBERS:
        check_request("create_payment_method", card_to_make(Mode.STAND_IN, name) or {})


def test_a_charge_is_a_destination_charge() -> None:
    """promise D2: the commission is the application fee; without one there is none."""
    ours = gateway(Mode.SANDBOX, Recorder())
    params = ours.charge_request(order()).params
    assert (params["amount"], params["application_fee_amount"]) == (10500, 1000)
    assert params["transfer_data"] == {"destination": "acct_1"}
    assert "payment_method_types" not in params
    assert "application_fee_amount" not in ours.charge_request(order(commission=0)).params


WRONG: list[dict[str, Any]] = [
    {"payment_method_types": ["card"]},
    {"amount": 105.0},
    {"amount": True},
    {"amount": "10500"},
    {"currency": None},
    {"transfer_data": {"destinaton": "acct_1"}},
    {"transfer_data": "acct_1"},
    {"automatic_payment_methods": {"enabled": "yes"}},
    {"automatic_payment_methods": {"enabled": True, "allow_redirects": "sometimes"}},
    {"metadata": {"payment_id": 1}},
    {"metadata": []},
    {"expand": "latest_charge"},
    {"expand": [1]},
    {"idempotency_key": "x"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_request_that_stripe_does_not_know_never_leaves(wrong: dict[str, Any]) -> None:
    recorder = Recorder()
    ours = gateway(Mode.SANDBOX, recorder)
    request = ours.charge_request(order())
    request.params.update(wrong)
    with pytest.raises(RequestNotValidError):
        ours.send(request, "key")
    assert recorder.sent == []


def test_what_is_required_is_missed() -> None:
    with pytest.raises(RequestNotValidError, match=r"create\.amount is missing"):
        check_request("create", {"currency": "usd"})


def test_stripe_itself_gets_everything() -> None:
    recorder = Recorder()
    ours = gateway(Mode.SANDBOX, recorder)
    reply = ours.send(ours.charge_request(order()), "create:1:1")
    method, url, body, headers = recorder.sent[0]
    assert (method, url) == ("post", "https://api.stripe.com/v1/payment_intents")
    for name in (
        "transfer_data[destination]",
        "application_fee_amount",
        "automatic_payment_methods[enabled]",
    ):
        assert name in body.replace("%5B", "[").replace("%5D", "]")
    assert headers["Idempotency-Key"] == "create:1:1"
    assert headers["Stripe-Version"] == "2026-10-28.endive"
    assert (reply.request_id, reply.observation.charge_id) == ("req_1", "ch_1")


def test_the_stand_in_gets_what_it_understands_and_we_know_what_it_missed() -> None:
    recorder = Recorder()
    ours = gateway(Mode.STAND_IN, recorder)
    request = ours.charge_request(order("acct_standin_1"))
    ours.send(request, "create:1:1")
    body = recorder.sent[0][2]
    dropped = ours.not_simulated(request)
    assert set(dropped) == NOT_SUPPORTED["create"] & request.params.keys()
    assert "transfer_data" in dropped
    assert "transfer" not in body
    assert "amount=10500" in body


def test_only_declared_parameters_are_ever_dropped() -> None:
    for operation, names in NOT_SUPPORTED.items():
        assert names <= set(PARAMS[operation].__annotations__), operation
    request = gateway(Mode.STAND_IN, Recorder()).charge_request(order())
    assert gateway(Mode.SANDBOX, Recorder()).not_simulated(request) == ()
    assert gateway(Mode.LIVE, Recorder()).not_simulated(request) == ()


@pytest.mark.parametrize("mode", [Mode.SANDBOX, Mode.LIVE])
def test_an_account_of_the_stand_in_never_leaves(mode: Mode) -> None:
    recorder = Recorder()
    ours = gateway(mode, recorder)
    with pytest.raises(RequestNotValidError, match="stand-in"):
        ours.send(ours.charge_request(order("acct_standin_1")), "key")
    assert recorder.sent == []


def test_real_card_numbers_exist_for_the_stand_in_only() -> None:
    recorder = Recorder()
    assert gateway(Mode.SANDBOX, recorder).usable_payment_method("pm_card_mastercard") == "pm_card_mastercard"
    assert recorder.sent == []


def refund_order(takes_transfer_back: bool = True) -> RefundOrder:
    return RefundOrder(new_id(), 1, new_id(), new_id(), "pi_1", Money(8000, "USD"), takes_transfer_back)


def test_a_refund_takes_the_transfer_back() -> None:
    """rule M10: once, and never shares the commission out over the tip."""
    refunds = gateway(Mode.SANDBOX, Recorder()).refunds
    request = refunds.refund_request(refund_order())
    refunds.check(request)
    assert (request.params["amount"], request.params["reverse_transfer"]) == (8000, True)
    assert "refund_application_fee" not in request.params
    assert refunds.refund_request(refund_order(False)).params["reverse_transfer"] is False
    assert refunds.not_simulated(request) == ()


def test_commission_goes_back_by_a_request_of_its_own() -> None:
    """rule M10: to the fee of the charge, under our key; a stand-in gets nothing."""
    recorder = Recorder()
    refunds = gateway(Mode.SANDBOX, recorder).refunds
    request = refunds.fee_refund_request(FeeRefundOrder(new_id(), new_id(), Money(750, "USD")))
    refunds.refund_fee("fee_1", request, "refund_fee:1:1")
    method, url, body, headers = recorder.sent[0]
    assert (method.lower(), url.split("/v1/")[1]) == ("post", "application_fees/fee_1/refunds")
    assert "amount=750" in body
    assert headers["Idempotency-Key"] == "refund_fee:1:1"
    assert refunds.knows_fees
    assert not gateway(Mode.STAND_IN, recorder).refunds.knows_fees


FEE = {
    "id": "fee_1",
    "object": "application_fee",
    "amount": 1000,
    "amount_refunded": 750,
    "currency": "usd",
}
FEE_REFUNDS = {
    "object": "list",
    "has_more": False,
    "url": "/v1/application_fees/fee_1/refunds",
    "data": [
        {"id": "fr_1", "object": "fee_refund", "amount": 750, "metadata": {"refund_id": "ours"}},
        {"id": "fr_2", "object": "fee_refund", "amount": 1, "metadata": {}},
    ],
}


def test_a_commission_is_looked_at() -> None:
    """rule M10: what went back of it, and for which of our refunds (fixtures in Stripe's form)."""
    recorder = Recorder()
    refunds = gateway(Mode.SANDBOX, recorder).refunds
    recorder.body = json.dumps(FEE)
    assert refunds.fee("fee_1") == FeeObservation(1000, 750, "usd")
    recorder.body = json.dumps(FEE_REFUNDS)
    assert refunds.refunds_with_fee_returned("fee_1") == frozenset({"ours"})
    assert [url.split("/v1/")[1] for _, url, _, _ in recorder.sent] == [
        "application_fees/fee_1",
        "application_fees/fee_1/refunds?limit=100",
    ]
