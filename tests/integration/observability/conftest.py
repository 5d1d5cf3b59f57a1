"""Prometheus beside the running stack, which customers use a little."""

from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.fixtures.realtime_client import RealtimeClient
from tests.integration.observability.prometheus_process import Prometheus
from tests.integration.platform.market import Market, pay, wait_for_state


@pytest.fixture(scope="session")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with Prometheus(tmp_path_factory.mktemp("prometheus"), stack.scrape_targets()) as running:
        yield running


class Visit:
    """Somebody who uses everything once, with an open socket as long as the block lasts."""

    def __init__(self, stack: Stack, market: Market) -> None:
        self._stack = stack
        self._market = market

    def happens(self) -> None:
        """Finding, holding, a time that is gone, paying, a refund, a path that is not there."""
        with Customer(self._stack.url) as customer, Customer(self._stack.url) as late:
            customer.register()
            late.register()
            with RealtimeClient(self._stack.url).sign_in(customer.token) as socket:
                socket.watch_bookings()
                self._look_around(customer)
                booking = self._market.hold(customer)
                again = late.post("customer/bookings", self._same_time(booking))
                assert again.status_code == 409, again.text
                paid = pay(customer, booking)
                assert paid.status_code == 200, paid.text
                wait_for_state(customer, booking, "confirmed")
                cancelled = customer.post("customer/payments/refund", {"bookingId": booking["bookingId"]})
                assert cancelled.status_code == 200, cancelled.text

    def _look_around(self, customer: Customer) -> None:
        for path in ("customer/categories", "customer/search", "nothing/here"):
            customer.get(path)

    def _same_time(self, booking: dict[str, Any]) -> dict[str, Any]:
        return {
            "providerId": booking["providerId"],
            "serviceId": booking["serviceId"],
            "staffId": booking["staffId"],
            "bookingDate": booking["localDate"],
            "startTime": booking["localTime"],
        }


@pytest.fixture(scope="session")
def visit(stack: Stack) -> Visit:
    return Visit(stack, Market(stack))
