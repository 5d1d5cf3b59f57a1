"""A provider, a service and a day for a test, far from what other tests book."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.fixtures.customer import Customer
from tests.integration.platform.market import PROVIDER_ACCOUNT as PROVIDER_ACCOUNT
from tests.integration.platform.market import pay, wait_for_state

SYDNEY = {"latitude": -33.8688, "longitude": 151.2093, "radiusKm": 50}
ENOUGH_SLOTS = 8


@dataclass(frozen=True)
class Shop:
    """Where somebody goes. `slots` are the free ones, in order; `price` is in hundredths."""

    provider_id: str
    service_id: str
    price: int
    day: str
    slots: list[dict[str, Any]]

    def address(self, start: str = "") -> str:
        """The address of this day on the page, with a time chosen when its start is given."""
        chosen = f"&start={start}" if start else ""
        return f"#/providers/{self.provider_id}?service={self.service_id}&date={self.day}{chosen}"

    def request(self, number: int) -> dict[str, str]:
        """The body that holds a time, for who comes without a browser."""
        slot = self.slots[number]
        return {
            "providerId": self.provider_id,
            "serviceId": self.service_id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
        }


def find_shop(url: str, place: dict[str, float] = SYDNEY, query: str = "massage") -> Shop:
    """A day with enough free times. Raises AssertionError when no provider has one."""
    with Customer(url) as visitor:
        found = visitor.get("customer/search", query=query, sort="price", **place).json()["data"]["providers"]
        for provider in found:
            shop = _day_of(visitor, provider)
            if shop:
                return shop
    raise AssertionError("nobody has a day with enough free times")


def _day_of(visitor: Customer, provider: dict[str, Any]) -> Shop | None:
    service = provider["services"][0]
    today = datetime.now(ZoneInfo(provider["timeZone"])).date()
    begin = random.randrange(10, 75)  # noqa: S311 (two runs shall not meet)
    for ahead in range(begin, begin + 8):
        day = (today + timedelta(days=ahead)).isoformat()
        path = f"customer/providers/{provider['providerId']}/availability"
        answer = visitor.get(path, serviceId=service["serviceId"], date=day)
        slots: list[dict[str, Any]] = answer.json()["data"]["slots"] if answer.status_code == 200 else []
        if len(slots) >= ENOUGH_SLOTS:
            price = round(service["listPrice"]["amount"] * 100)
            return Shop(provider["providerId"], service["serviceId"], price, day, slots)
    return None


def paid_visit(url: str) -> str:
    """A visit that somebody has paid at PROVIDER_ACCOUNT's; the booking's id once it is agreed."""
    with Customer(url).sign_in(*PROVIDER_ACCOUNT) as owner, Customer(url).register() as customer:
        membership = owner.get("auth/me").json()["data"]["memberships"][0]
        shop = _day_of(
            customer, customer.get(f"customer/providers/{membership['providerId']}").json()["data"]
        )
        if shop is None:
            raise AssertionError("the provider has no day with enough free times")
        held = customer.post("customer/bookings", shop.request(2) | {"notes": "The bell is on the left."})
        booking_id: str = held.json()["data"]["bookingId"]
        pay(customer, {"bookingId": booking_id})
        wait_for_state(customer, {"bookingId": booking_id}, "confirmed")
        return booking_id
