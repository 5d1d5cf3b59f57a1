"""One customer's way through one cell of the matrix: what they do, and how it stands for them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.history import Exchange
from tests.chaos.person import Person
from tests.chaos.places import Place

FIRST_DAY = 7
"""Days ahead: too far for a card to be held, so that each walk ends as it is written down."""
DAYS, DAYS_TRIED = 60, 15
POLL_SECONDS = 0.15
PATIENCE_SECONDS = 30.0
NOTHING, REGISTERED, PUBLISHED = "nothing", "registered", "published"
PAYMENT_WORDS = {"succeeded": "paid", "cancelled": "taken back"}

Found = dict[str, Any]


@dataclass
class Visit:
    """`number` is this visit's own: it begins every key, and chooses place and day so that visits do not
    stand in each other's way."""

    person: Person
    places: list[Place]
    publish_one: Callable[[], str]
    number: int
    done: str = NOTHING
    held: Found = field(default_factory=dict)
    paid: Found = field(default_factory=dict)

    def key(self, name: str) -> str:
        return f"m{self.number}-{name}"

    def register(self) -> None:
        self.person.sign_up()
        self.done = REGISTERED if self.person.customer.user_id else NOTHING

    def publish(self) -> None:
        """Change a provider's prices and texts, as its importer does."""
        self.publish_one()
        self.done = PUBLISHED

    def hold(self) -> None:
        """Hold the first free time of this visit's day, or of the next that has one."""
        place = self.places[self.number % len(self.places)]
        slot = self._free_slot(place)
        body = {
            "providerId": place.provider_id,
            "serviceId": place.service_id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
            "notes": self.key("hold"),
        }
        self.held = self._command("create", "customer/bookings", body, "hold").data

    def pay(self, card: str) -> None:
        body = {"bookingId": self.held["bookingId"], "paymentMethodId": card}
        self.paid = self._command("pay", "customer/payments/process", body, "pay").data

    def authenticate(self) -> None:
        """Say yes on the page of the bank."""
        self.person.authenticate(self.paid, is_successful=True)

    def confirm(self) -> None:
        path = f"customer/payments/{self.paid['paymentIntentId']}/confirm"
        self._command("confirm", path, None, "confirm")

    def cancel(self) -> None:
        body = {"reason": "another plan"}
        self._command("cancel", f"customer/bookings/{self.held['bookingId']}/cancel", body, "cancel")

    def ask_money_back(self) -> None:
        body = {"paymentId": self.paid["paymentId"]}
        self._command("cancel", "customer/payments/refund", body, "refund")

    def stands(self) -> str:
        """Booking and payment as their customer sees them now, in words."""
        if not self.held:
            return self.done
        booking = self._ask("booking", f"customer/bookings/{self.held['bookingId']}")
        payment = self._ask("payment", f"customer/payments/{self.paid['paymentId']}") if self.paid else {}
        words = [str(booking.get("state", NOTHING))]
        if payment:
            status = str(payment["status"])
            words.append("paid back" if payment["refundedAmount"] else PAYMENT_WORDS.get(status, status))
        return ", ".join(words)

    def wait_to_stand(self, *wanted: str) -> str:
        """How it stands when it is one of what is wanted, or when the time is over."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (found := self.stands()) not in wanted and time.monotonic() < end:
            self.person.pause(POLL_SECONDS)
        return found

    def _command(self, action: str, path: str, body: Any, name: str) -> Exchange:
        return self.person.insist(action, path, body, self.key(name))

    def _ask(self, action: str, path: str) -> Found:
        return self.person.ask(action, "GET", path).data

    def _free_slot(self, place: Place) -> Found:
        first = datetime.now(UTC).date() + timedelta(days=FIRST_DAY + self.number // len(self.places) % DAYS)
        path = f"customer/providers/{place.provider_id}/availability"
        for ahead in range(DAYS_TRIED):
            day = (first + timedelta(days=ahead)).isoformat()
            params = {"serviceId": place.service_id, "date": day}
            slots = self.person.ask("availability", "GET", path, params=params).data.get("slots")
            if slots:
                slot: Found = slots[0]
                return slot
        raise LookupError(f"{place} has no free time within {DAYS_TRIED} days")
