"""One customer's way through one cell of the matrix: what they do, and how it stands for them."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.chaos.administrator import Administrator
from tests.chaos.history import Exchange
from tests.chaos.house_owner import HouseOwner
from tests.chaos.person import Person
from tests.chaos.places import Place
from tests.chaos.publisher import Publisher

FIRST_DAY = 7
"""Days ahead: too far for a card to be held, so that each walk ends as it is written down."""
DAYS, DAYS_TRIED = 60, 15
POLL_SECONDS = 0.15
PATIENCE_SECONDS = 30.0
NOTHING, REGISTERED, PUBLISHED = "nothing", "registered", "published"
NOTED = "noted"
PAYMENT_WORDS = {"succeeded": "paid", "cancelled": "taken back"}

Found = dict[str, Any]


@dataclass
class Visit:
    """`number` is this visit's own: it begins every key, and chooses place and day so that visits do not
    stand in each other's way."""

    person: Person
    owner: HouseOwner
    administrator: Administrator
    places: list[Place]
    publisher: Publisher
    later: Callable[[timedelta], AbstractContextManager[None]]
    """Within the block booking lives so much later."""
    number: int
    done: str = NOTHING
    held: Found = field(default_factory=dict)
    paid: Found = field(default_factory=dict)
    stand: Callable[[], str] | None = None
    """How it stands where that is not a booking's matter alone."""

    def key(self, name: str) -> str:
        return f"m{self.number}-{name}"

    def register(self) -> None:
        self.person.sign_up()
        self.done = REGISTERED if self.person.customer.user_id else NOTHING

    def publish(self) -> None:
        """Change a provider's prices and texts, as its importer does."""
        self.publisher.publish_one()
        self.done = PUBLISHED

    def hold(self) -> None:
        """Hold the first free time of this visit's day, or of the next that has one."""
        self.hold_at(self.place, self.free_slot(self.place))

    @property
    def place(self) -> Place:
        """Where this visit books unless its walk says otherwise."""
        return self.places[self.number % len(self.places)]

    def hold_at(self, place: Place, slot: Found, name: str = "hold", **members: Any) -> None:
        """Hold just this time; the command has a name."""
        body = {
            "providerId": place.provider_id,
            "serviceId": place.service_id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
            "notes": self.key(name),
            **members,
        }
        self.held = self.command("create", "customer/bookings", body, name).data

    def pay(self, card: str, name: str = "pay") -> None:
        body = {"bookingId": self.held["bookingId"], "paymentMethodId": card}
        self.paid = self.command("pay", "customer/payments/process", body, name).data

    def authenticate(self) -> None:
        """Say yes on the page of the bank."""
        self.person.authenticate(self.paid, is_successful=True)

    def confirm(self) -> None:
        path = f"customer/payments/{self.paid['paymentIntentId']}/confirm"
        self.command("confirm", path, None, "confirm")

    def cancel(self) -> None:
        body = {"reason": "another plan"}
        self.command("cancel", f"customer/bookings/{self.held['bookingId']}/cancel", body, "cancel")

    def ask_money_back(self) -> None:
        body = {"paymentId": self.paid["paymentId"]}
        self.command("cancel", "customer/payments/refund", body, "refund")

    def stands(self) -> str:
        """Booking and payment as their customer sees them now, in words."""
        if self.stand is not None:
            return self.stand()
        if not self.held:
            return self.done
        return self.of(self.held, self.paid)

    def of(self, held: Found, paid: Found) -> str:
        """A booking as it is now beside what was held, with its payment, in words."""
        booking = self.ask("booking", f"customer/bookings/{held['bookingId']}")
        payment = self.ask("payment", f"customer/payments/{paid['paymentId']}") if paid else {}
        words = [str(booking.get("state", NOTHING)), *_more(booking, held)]
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

    def command(self, action: str, path: str, body: Any, name: str, method: str = "POST") -> Exchange:
        """Command until an outcome is known."""
        return self.person.insist(action, path, body, self.key(name), method)

    def ask(self, action: str, path: str) -> Found:
        """Look at something."""
        return self.person.ask(action, "GET", path).data

    @property
    def first_day(self) -> date:
        """This visit's own, as long as there are days."""
        return datetime.now(UTC).date() + timedelta(days=FIRST_DAY + self.number // len(self.places) % DAYS)

    def free_slot(self, place: Place, rank: int = 0) -> Found:
        """One of the first free times of this visit's day, or of the next that has any."""
        first = self.first_day
        path = f"customer/providers/{place.provider_id}/availability"
        for ahead in range(DAYS_TRIED):
            day = (first + timedelta(days=ahead)).isoformat()
            params = {"serviceId": place.service_id, "date": day}
            slots = self.person.ask("availability", "GET", path, params=params).data.get("slots")
            if slots:
                slot: Found = slots[min(rank, len(slots) - 1)]
                return slot
        raise LookupError(f"{place} has no free time within {DAYS_TRIED} days")


def _more(booking: Found, held: Found) -> list[str]:
    """What else is so since it was held."""
    return [
        *(["moved"] if booking.get("startsAt", held["startsAt"]) != held["startsAt"] else []),
        *(["asked"] if booking.get("pendingFor") == "provider" else []),
        *([f"contest {booking['contest']}"] if booking.get("contest") else []),
        *([NOTED] if any(NOTED in str(booking.get(name)) for name in ("notes", "providerNotes")) else []),
    ]
