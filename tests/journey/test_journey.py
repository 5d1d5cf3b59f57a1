"""The journey through the gateway of a running stack, and at its end a hold that runs out."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from deploy.local.demo import accounts_command
from deploy.local.stack import Stack
from tests.fixtures.database_clock import clock_offset
from tests.fixtures.waiting import wait_until
from tests.journey.booking import inbox_of
from tests.journey.finding import free_slots
from tests.journey.route import STEPS
from tests.journey.walk import POLL_SECONDS, Step, Walk, walk_step


@pytest.fixture(scope="module")
def walk(stack: Stack) -> Iterator[Walk]:
    metrics = {name: f"{stack.health_url(name)}/metrics" for name in ("search", "payment")}
    walk = Walk(stack.url, metrics, stack.standin_proxy_url, tuple(accounts_command(stack)))
    yield walk
    walk.close()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_the_journey(walk: Walk, step: Step) -> None:
    """promises A3, B2, C2, C6, D1, D5, D6, E1: one customer's way from search to the refund."""
    assert walk_step(walk, step).checked


def test_a_hold_that_nobody_pays_ends_by_itself(walk: Walk, stack: Stack) -> None:
    """promise C5: a pending booking holds its slot for a limited time, then frees it by itself."""
    slot = walk.slots[2]
    visitor = walk.visitors[3]
    request = {
        "providerId": walk.provider_id,
        "serviceId": walk.service_id,
        "bookingDate": slot["localDate"],
        "startTime": slot["localTime"],
    }
    held = visitor.customer.post("customer/bookings", request).json()["data"]
    for person in walk.everyone():
        person.socket.heard.clear()
    with clock_offset(stack.admin_database_url("booking"), "care_booking", timedelta(seconds=901)):
        visitor.socket.wait_for("booking-status-changed", bookingId=held["bookingId"], state="expired")
        visitor.socket.wait_for("availability-updated", providerId=walk.provider_id)
    wait_until(
        lambda: slot["startsAt"] in [free["startsAt"] for free in free_slots(walk, visitor.customer)],
        "the time to be free again",
        poll=POLL_SECONDS,
    )
    wait_until(
        lambda: (
            ("booking_expired", held["bookingId"])
            in [(entry["kind"], entry["bookingId"]) for entry in inbox_of(visitor)]
        ),
        "the inbox to know",
        poll=POLL_SECONDS,
    )
