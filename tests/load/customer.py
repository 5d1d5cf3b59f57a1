"""Somebody who books: looks, holds, pays, looks at it, and sometimes cancels."""

from http import HTTPStatus
from typing import Any

from locust import task

from tests.load.people import Person, chance
from tests.load.visitor import PROVIDERS, some_day, times_of

TAKEN = HTTPStatus.CONFLICT
"""Another customer was faster: they look again."""
CANCEL_SHARE = 0.4


class Customer(Person):
    """One booking after the other, and between them a look at what there is."""

    weight = 3

    def on_start(self) -> None:
        super().on_start()
        self.open_account()

    @task(2)
    def book(self) -> None:
        """From the search for a free time to its receipt."""
        booking = self._hold()
        if booking is None:
            return
        self.wait()
        paid = self.send(
            "pay",
            "customer/payments/process",
            {"bookingId": booking["bookingId"], "paymentMethodId": "pm_card_visa", "tipAmount": 5},
        )
        if paid is None:
            return
        self.wait()
        self.look("booking", f"customer/bookings/{booking['bookingId']}")
        if chance.random() < CANCEL_SHARE:
            self._cancel(booking["bookingId"])

    @task(1)
    def bookings(self) -> None:
        self.look("own bookings", "customer/bookings?limit=20")

    @task(1)
    def notifications(self) -> None:
        self.look("notifications", "notifications?limit=20")

    def _hold(self) -> Any:
        provider = chance.choice(PROVIDERS)
        times = self.look("availability", times_of(provider, some_day()))
        if not times or not times["slots"]:
            return None
        slot = chance.choice(times["slots"])
        self.wait()
        wanted = {
            "providerId": provider.id,
            "serviceId": provider.services[0].id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
        }
        return self.ask("POST", "book", "customer/bookings", wanted, (HTTPStatus.CREATED, TAKEN))

    def _cancel(self, booking_id: str) -> None:
        self.wait()
        quote = self.look("refund quote", f"customer/bookings/{booking_id}/refund-quote")
        if quote is not None:
            body = {"refundQuoteId": quote["quoteId"]}
            self.send("cancel", f"customer/bookings/{booking_id}/cancel", body)
