"""Bad input on the way of the money gets a clear code, and no call to Stripe leaves for it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from deploy.local.stack import Stack
from shared.ids import new_id
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.integration.platform.census import Census
from tests.integration.platform.market import Market, pay, wait_for_state
from tests.integration.platform.stripe_calls import more
from tests.integration.platform.test_bad_input import assert_problem

ASKS_FOR_ITS_OWNER = "pm_card_authenticationRequired"


def _at_once(*work: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(len(work))

    def run(one: Callable[[], Any]) -> Any:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"tipAmount": -5}, "validation_failed"),
        ({"tipAmount": 5.001}, "amount_precision"),
        ({"tipAmount": 100.01}, "tip_too_large"),
        ({"currency": "EUR"}, "validation_failed"),
        ({"amount": 100}, "validation_failed"),
    ],
)
def test_an_amount_that_cannot_be_charged_never_reaches_stripe(
    body: dict[str, Any], code: str, market: Market, customer: Customer, census: Census, changes: Any
) -> None:
    """promise D7, rules M2 and M5: refused before anything is written or sent; the price is the quote's."""
    booking = market.hold(customer)
    before, calls = census.of_money(), changes()
    assert_problem(pay(customer, booking, **body), 422, code, next(iter(body)))
    assert (census.of_money(), changes()) == (before, calls)


def test_less_than_the_minimum_never_reaches_stripe(market: Market, customer: Customer, changes: Any) -> None:
    """promise D7, rule M18: 0.49 USD is less than can be charged; with a tip of one cent it can."""
    with market.price(49):
        booking = market.hold(customer)
    calls = changes()
    refused = pay(customer, booking)
    assert_problem(refused, 422, "amount_below_minimum")
    assert refused.json()["details"]["minimum"] == {"amount": 0.5, "currency": "USD"}
    assert changes() == calls
    assert pay(customer, booking, tipAmount=0.01).status_code == 200


def test_anothers_payment_is_not_there(
    market: Market, customer: Customer, other: Customer, changes: Any, census: Census
) -> None:
    """rule B11: another's intent, payment, receipt, refund quote and refund are not found."""
    booking, payment = market.confirmed(customer)
    before, calls = census.of_money(), changes()
    booking_id, payment_id = booking["bookingId"], payment["paymentId"]
    for path in (f"customer/payments/{payment_id}", f"customer/payments/{payment_id}/receipt"):
        assert_problem(other.get(path), 404, "not_found")
    assert_problem(other.get(f"customer/bookings/{booking_id}/refund-quote"), 404, "not_found")
    for intent in (payment["paymentIntentId"], "pi_unknown"):
        assert_problem(other.post(f"customer/payments/{intent}/confirm"), 404, "not_found")
    for body in ({"bookingId": booking_id}, {"paymentId": payment_id}, {"paymentId": new_id()}):
        assert_problem(other.post("customer/payments/refund", body), 404, "not_found")
    assert (census.of_money(), changes()) == (before, calls)


def test_of_two_refunds_at_once_one_is_made(market: Market, customer: Customer, changes: Any) -> None:
    """rule M11: one is 200, the other 409; one refund reaches Stripe, and none ever again."""
    booking, payment = market.confirmed(customer)
    calls = changes()
    body = {"bookingId": booking["bookingId"]}
    answers = _at_once(
        lambda: customer.post("customer/payments/refund", body),
        lambda: customer.post(f"customer/bookings/{booking['bookingId']}/cancel"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "booking_state_conflict"
    path = f"customer/payments/{payment['paymentId']}/receipt"
    wait_until(lambda: customer.get(path).json()["data"]["refunded"]["amount"] == 105, "the refund")
    for again in (body, {"paymentId": payment["paymentId"]}):
        assert_problem(customer.post("customer/payments/refund", again), 409, "booking_state_conflict")
    assert more(calls, changes(), "refunds") == 1


def test_paying_twice_at_once_under_one_key_is_one_payment(
    market: Market, customer: Customer, changes: Any
) -> None:
    """rules C13 and W7: one intent; the other hears the same payment, or that it is still being made."""
    booking, key, calls = market.hold(customer), new_id(), changes()
    answers = _at_once(*[lambda: pay(customer, booking, key=key)] * 2)
    codes = sorted(answer.status_code for answer in answers)
    assert codes in ([200, 200], [200, 202], [200, 409]), [answer.text for answer in answers]
    last = pay(customer, booking, key=key)
    assert last.json()["data"]["status"] == "succeeded"
    paid = {answer.json()["data"]["paymentId"] for answer in (*answers, last) if answer.status_code < 400}
    assert len(paid) == 1
    assert len(customer.get("customer/payments").json()["data"]["payments"]) == 1
    assert more(calls, changes(), "/v1/payment_intents") <= 2


def test_paying_twice_at_once_under_two_keys_charges_once(
    market: Market, customer: Customer, changes: Any
) -> None:
    """rule W9: at most one live payment; the other is 409, and one charge is made."""
    booking = market.hold(customer)
    answers = _at_once(*[lambda: pay(customer, booking, key=new_id())] * 2)
    assert sorted(answer.status_code for answer in answers) == [200, 409], [a.text for a in answers]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] in ("request_in_progress", "already_paid")
    assert_problem(pay(customer, booking, key=new_id()), 409, "already_paid")
    found = customer.get("customer/payments").json()["data"]["payments"]
    assert [payment["status"] for payment in found].count("succeeded") == 1


def test_a_quote_that_time_has_changed_comes_back_new(market: Market, customer: Customer) -> None:
    """promise C6, rule B3: 409 quote_changed; the new quote is then executed exactly."""
    booking, _ = market.confirmed(customer)
    path = f"customer/bookings/{booking['bookingId']}"
    old = customer.get(f"{path}/refund-quote").json()["data"]
    assert (old["refundPercent"], old["serviceRefund"]["amount"]) == (100, 100)
    starts_at = datetime.fromisoformat(booking["startsAt"])
    with market.booking_clock_at(starts_at - timedelta(hours=23)):
        refused = customer.post(f"{path}/cancel", {"refundQuoteId": old["quoteId"]})
        assert_problem(refused, 409, "quote_changed")
        new = refused.json()["details"]["quote"]
        assert new["serviceRefund"] == {"amount": 75.0, "currency": "USD"}
        answer = customer.post(f"{path}/cancel", {"refundQuoteId": new["quoteId"]})
        assert answer.status_code == 200, answer.text
    refund = answer.json()["data"]["refund"]
    assert (refund["serviceRefund"]["amount"], refund["tipRefund"]["amount"]) == (75, 5)


def test_a_bank_that_does_not_know_the_customer_leaves_the_hold(
    market: Market, customer: Customer, stack: Stack
) -> None:
    """promise D6: 402 with a reason, in the customer's language; another card pays the same hold."""
    booking = market.hold(customer)
    asked = pay(customer, booking, ASKS_FOR_ITS_OWNER)
    assert asked.status_code == 202, asked.text
    intent = asked.json()["data"]
    told = requests.post(
        f"{stack.standin_proxy_url}/v1/payment_intents/{intent['paymentIntentId']}/_authenticate",
        data={"client_secret": intent["clientSecret"], "success": "false", "key": "pk_test_x"},
        timeout=5,
    )
    assert told.status_code == 200, told.text
    path, answers = f"customer/payments/{intent['paymentIntentId']}/confirm", {}
    for language in ("en", "ar"):
        answers[language] = customer.call("POST", path, headers={"Accept-Language": language})
        assert_problem(answers[language], 402, "card_declined")
        assert answers[language].json()["details"]["reason"] == "authentication_failed"
    assert "bank" in answers["en"].json()["message"]
    assert "مصرفك" in answers["ar"].json()["message"]
    wait_for_state(customer, booking, "pending")
    assert pay(customer, booking).status_code == 200
    wait_for_state(customer, booking, "confirmed")
