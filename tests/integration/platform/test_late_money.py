"""A client that never confirms, webhooks that never come, money after the hold: nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import Market

SECONDS = 60
POLL_SECONDS = 0.5  # a customer who asks more often is refused
AFTER_EVERY_HOLD = timedelta(minutes=40)


@pytest.fixture
def without_webhooks(stack: Stack) -> Iterator[None]:
    """The proxy swallows every webhook of the stand-in."""
    _order(stack, {"webhooks": [{"do": "drop", "times": 1000}]})
    yield
    _order(stack, {})


def _order(stack: Stack, faults: dict[str, Any]) -> None:
    answer = requests.put(f"{stack.standin_proxy_url}/_proxy/faults", json=faults, timeout=5)
    assert answer.status_code == 204, answer.text


def _ask_for_3ds(market: Market, customer: Customer) -> tuple[dict[str, Any], dict[str, Any]]:
    booking = market.hold(customer)
    body = {
        "bookingId": booking["bookingId"],
        "paymentMethodId": "pm_card_authenticationRequired",
        "tipAmount": 5,
    }
    answer = customer.post("customer/payments/process", body)
    assert answer.status_code == 202, answer.text
    payment: dict[str, Any] = answer.json()["data"]
    assert payment["status"] == "requires_action"
    return booking, payment


def _authenticate(stack: Stack, payment: dict[str, Any]) -> None:
    """What the customer does on the page of the bank, and nothing after it."""
    answer = requests.post(
        f"{stack.standin_proxy_url}/v1/payment_intents/{payment['paymentIntentId']}/_authenticate",
        data={"client_secret": payment["clientSecret"], "success": "true", "key": "pk_test_x"},
        timeout=5,
    )
    assert answer.status_code == 200, answer.text


def _wait_for(customer: Customer, booking: dict[str, Any], state: str) -> None:
    path = f"customer/bookings/{booking['bookingId']}"
    wait_until(
        lambda: customer.get(path).json()["data"]["state"] == state,
        f"the booking to be {state}",
        seconds=SECONDS,
        poll=POLL_SECONDS,
    )


def test_a_client_that_never_confirms(stack: Stack, market: Market, customer: Customer) -> None:
    """promise D4: the webhook alone confirms the booking."""
    booking, payment = _ask_for_3ds(market, customer)
    _authenticate(stack, payment)
    _wait_for(customer, booking, "confirmed")


def test_a_client_that_never_confirms_and_no_webhook(
    stack: Stack, market: Market, customer: Customer, without_webhooks: None
) -> None:
    """rule W13: Stripe is asked, and the booking is confirmed all the same."""
    booking, payment = _ask_for_3ds(market, customer)
    _authenticate(stack, payment)
    _wait_for(customer, booking, "confirmed")


def test_money_after_the_hold_takes_the_slot_again(
    stack: Stack, market: Market, customer: Customer, without_webhooks: None
) -> None:
    """rule W5: the hold has ended, the slot is still free: confirmed."""
    booking, payment = _ask_for_3ds(market, customer)
    stack.stop_process("payment")
    try:
        with market.booking_clock_at(datetime.now(UTC) + AFTER_EVERY_HOLD):
            _wait_for(customer, booking, "expired")
            _authenticate(stack, payment)
    finally:
        stack.start_process("payment")
    _wait_for(customer, booking, "confirmed")


def test_money_for_a_slot_that_another_has_goes_back(
    stack: Stack, market: Market, customer: Customer, other: Customer, without_webhooks: None
) -> None:
    """rules W5 and W6: too late: the other keeps the slot, and all of the money goes back."""
    booking, payment = _ask_for_3ds(market, customer)
    stack.stop_process("payment")
    try:
        with market.booking_clock_at(datetime.now(UTC) + AFTER_EVERY_HOLD):
            _wait_for(customer, booking, "expired")
            same = {"bookingDate": booking["localDate"], "startTime": booking["localTime"]}
            place = {"providerId": market.provider_id, "serviceId": market.service_id}
            taken = other.post("customer/bookings", {**place, **same})
            assert taken.status_code == 201, taken.text
            _authenticate(stack, payment)
    finally:
        stack.start_process("payment")
    _wait_for(customer, booking, "cancelled")
    path = f"customer/payments/{payment['paymentId']}/receipt"

    def refunded() -> bool:
        answer = customer.get(path)
        return bool(answer.status_code == 200 and answer.json()["data"]["refunded"]["amount"] == 105)

    wait_until(refunded, "all of the money to go back", seconds=SECONDS, poll=POLL_SECONDS)
    assert other.get(f"customer/bookings/{taken.json()['data']['bookingId']}").json()["data"]["state"] == (
        "pending"
    )
