"""What a customer meets on the running stack: the demo provider, a service, days, free times."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import requests

from deploy.local.stack import Stack
from tests.fixtures.customer import Customer
from tests.fixtures.database_clock import clock_offset
from tests.fixtures.waiting import wait_until

NEW_YORK = {"latitude": 40.7128, "longitude": -74.0060}
HELD, CHARGED = range(2, 5), range(6, 80)
"""Days ahead on which the card is held until after the visit, and on which it is charged at once."""
PROVIDER_ACCOUNT = ("provider@demo.test", "demo-password-1")


class Market:
    """The provider of provider@demo.test: New York, open daily 09:00-18:00, a massage for 100.00."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        with Customer(stack.url) as owner:
            owner.sign_in(*PROVIDER_ACCOUNT)
            membership = owner.get("auth/me").json()["data"]["memberships"][0]
            self.provider_id: str = membership["providerId"]
            profile = owner.get(f"customer/providers/{self.provider_id}").json()["data"]
        self.zone = ZoneInfo(profile["timeZone"])
        massage = next(
            service
            for service in profile["services"]
            if service["category"] == "massage" and service["durationMinutes"] == 60
        )
        self.service_id: str = massage["serviceId"]

    def day(self, ahead: int) -> str:
        """A local day in the provider's zone, counted from its today."""
        return (datetime.now(self.zone).date() + timedelta(days=ahead)).isoformat()

    def free_slots(self, customer: Customer, day: str) -> list[dict[str, Any]]:
        answer = customer.get(
            f"customer/providers/{self.provider_id}/availability", serviceId=self.service_id, date=day
        )
        assert answer.status_code == 200, answer.text
        slots: list[dict[str, Any]] = answer.json()["data"]["slots"]
        return slots

    def request(self, slot: dict[str, Any]) -> dict[str, Any]:
        return {
            "providerId": self.provider_id,
            "serviceId": self.service_id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
        }

    def hold(self, customer: Customer, days: range = CHARGED) -> dict[str, Any]:
        """Hold the first free slot of some days ahead for the customer."""
        for ahead in days:
            for slot in self.free_slots(customer, self.day(ahead)):
                answer = customer.post("customer/bookings", self.request(slot))
                if answer.status_code == 201:
                    booking: dict[str, Any] = answer.json()["data"]
                    return booking
                assert answer.status_code == 409, answer.text
        raise AssertionError("no free slot on any of these days")

    def confirmed(self, customer: Customer, days: range = CHARGED) -> tuple[dict[str, Any], dict[str, Any]]:
        """A booking of 100.00 and a tip of 5.00, paid and confirmed, with its payment."""
        booking = self.hold(customer, days)
        answer = pay(customer, booking, tipAmount=5)
        assert answer.status_code == 200, answer.text
        wait_for_state(customer, booking, "confirmed")
        return booking, answer.json()["data"]

    @contextmanager
    def booking_clock_at(self, instant: datetime) -> Iterator[None]:
        """Within the block, booking lives at about `instant`."""
        admin_url = self._stack.admin_database_url("booking")
        with clock_offset(admin_url, "care_booking", instant - datetime.now(UTC)):
            self._wait_for_booking()
            yield
        self._wait_for_booking()

    @contextmanager
    def price(self, amount: int) -> Iterator[None]:
        """Within the block, booking knows the service at another price, in minor units."""
        with price_of(self._stack, self.service_id, amount):
            yield

    def _wait_for_booking(self) -> None:
        with Customer(self._stack.url) as stranger:
            path = f"customer/providers/{self.provider_id}/availability"
            wait_until(
                lambda: stranger.get(path, serviceId=self.service_id, date="2000-01-01").status_code == 422,
                "booking to answer again",
            )
        wait_until(lambda: not self._overdue(), "holds that ended and visits that are over to be swept")

    def _overdue(self) -> int:
        url = self._stack.admin_database_url("booking").replace("postgresql+psycopg2", "postgresql")
        connection = psycopg2.connect(url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM booking WHERE state = 'pending' AND hold_ends_at < app_now() "
                    "OR state IN ('confirmed', 'in_progress') AND upper(visit) < app_now() - interval '24 h'"
                )
                return int((cursor.fetchone() or (0,))[0])
        finally:
            connection.close()


@contextmanager
def price_of(stack: Stack, service_id: str, amount: int) -> Iterator[None]:
    """Within the block, booking knows this service at another price, in minor units."""
    url = stack.admin_database_url("booking").replace("postgresql+psycopg2", "postgresql")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    change = "UPDATE service SET price_amount = %s WHERE id = %s"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT price_amount FROM service WHERE id = %s", (service_id,))
            (usual,) = cursor.fetchone() or (0,)
            cursor.execute(change, (amount, service_id))
            try:
                yield
            finally:
                cursor.execute(change, (usual, service_id))
    finally:
        connection.close()


def pay(
    customer: Customer, booking: dict[str, Any], card: str = "pm_card_visa", key: str = "", **body: Any
) -> requests.Response:
    """Ask a card for a held booking."""
    sent = {"bookingId": booking["bookingId"], "paymentMethodId": card, **body}
    return customer.post("customer/payments/process", sent, key=key)


def wait_for_state(customer: Customer, booking: dict[str, Any], state: str) -> None:
    path = f"customer/bookings/{booking['bookingId']}"
    wait_until(lambda: customer.get(path).json()["data"]["state"] == state, f"the booking to be {state}")
