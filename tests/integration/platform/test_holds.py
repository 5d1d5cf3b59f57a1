"""A card that is held until after the visit, over HTTP: then taken, in part or not at all if cancelled."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import HELD, PROVIDER_ACCOUNT, Market


@pytest.fixture
def owner(stack: Stack) -> Iterator[Customer]:
    """Who acts for the provider."""
    with Customer(stack.url) as person:
        person.sign_in(*PROVIDER_ACCOUNT)
        yield person


def _payment(customer: Customer, paid: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = customer.get(f"customer/payments/{paid['paymentId']}").json()["data"]
    return found


def _receipt(customer: Customer, paid: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = customer.get(f"customer/payments/{paid['paymentId']}/receipt").json()["data"]
    return found


def _start(booking: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(booking["startsAt"])


def test_what_is_held_is_taken_when_the_provider_has_done_the_visit(
    market: Market, customer: Customer, owner: Customer
) -> None:
    """promise C4, rule M15: the customer sees that nothing was taken; the provider starts and completes."""
    booking, paid = market.confirmed(customer, HELD)
    assert (paid["status"], paid["captured"], paid["capturedAmount"]) == ("succeeded", False, 0)
    assert paid["heldUntil"]
    receipt = _receipt(customer, paid)
    assert (receipt["captured"], receipt["paid"]["amount"]) == (False, 105)
    page = customer.call(
        "GET", f"customer/payments/{paid['paymentId']}/receipt", headers={"Accept": "text/html"}
    )
    assert "your card is charged after the visit" in page.text
    path = f"provider/bookings/{booking['bookingId']}"
    listed = owner.get("provider/bookings", limit=100).json()["data"]["bookings"]
    assert booking["bookingId"] in [one["bookingId"] for one in listed]
    assert owner.post(f"{path}/complete").json()["code"] == "too_early"
    assert customer.post(f"{path}/start").status_code == 404
    with market.booking_clock_at(_start(booking) + timedelta(minutes=5)):
        assert owner.post(f"{path}/start").json()["data"]["state"] == "in_progress"
        assert owner.post(f"{path}/complete").json()["data"]["state"] == "completed"
    wait_until(lambda: _payment(customer, paid)["captured"], "the held money to be taken")
    assert _payment(customer, paid)["capturedAmount"] == 105
    assert _receipt(customer, paid)["kept"]["amount"] == 105


def test_of_a_visit_that_is_cancelled_late_a_part_is_taken(market: Market, customer: Customer) -> None:
    """promise D3, rules M9 and M15: 75 % and the tip are released, 25.00 taken; nothing is refunded."""
    booking, paid = market.confirmed(customer, HELD)
    with market.booking_clock_at(_start(booking) - timedelta(hours=3)):
        answer = customer.post(f"customer/bookings/{booking['bookingId']}/cancel")
        assert answer.json()["data"]["refund"]["refundPercent"] == 75
    wait_until(lambda: _payment(customer, paid)["captured"], "the part to be taken")
    seen, receipt = _payment(customer, paid), _receipt(customer, paid)
    assert (seen["capturedAmount"], seen["releasedAmount"], seen["refundedAmount"]) == (25, 80, 0)
    shown = [receipt[name]["amount"] for name in ("paid", "released", "refunded", "kept")]
    assert shown == [105, 80, 0, 25]


def test_a_provider_who_calls_off_takes_nothing(market: Market, customer: Customer, owner: Customer) -> None:
    """promise C6: whatever the notice, the hold is released and the time is free."""
    booking, paid = market.confirmed(customer, HELD)
    with market.booking_clock_at(_start(booking) - timedelta(minutes=10)):
        answer = owner.post(f"provider/bookings/{booking['bookingId']}/cancel", {"reason": "ill"})
        assert answer.json()["data"]["cancelCause"] == "provider"
    wait_until(lambda: _payment(customer, paid)["status"] == "cancelled", "the hold to be released")
    assert _payment(customer, paid)["releasedAmount"] == 105
    assert customer.get(f"customer/payments/{paid['paymentId']}/receipt").status_code == 404
