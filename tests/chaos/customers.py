"""Customers who search, book, pay, cancel and come back, many at once, each by plans of its own."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.chaos.administrator import Administrator
from tests.chaos.history import Exchange
from tests.chaos.person import Calls, Person
from tests.chaos.places import NEW_YORK, Place
from tests.chaos.plans import Habits, Plan, Planner

FIRST_DAY = 4
"""Days ahead: far enough for a refund in full."""
MOST_SHIFTS = 70
CARD, SECURE_CARD, BAD_CARD = "pm_card_visa", "pm_card_authenticationRequired", "pm_card_chargeCustomerFail"
POLLS = 12
LOADING_SECONDS = 0.05
"""A window has sent its request by then."""
HOARDED = 7


class ChaosCustomer(Person):
    """Goes through visit after visit until the run ends."""

    def __init__(self, calls: Calls, seed: int, number: int, places: list[Place], habits: Habits) -> None:
        super().__init__(calls, f"customer-{number}")
        self.number = number
        self._planner = Planner(seed, number, len(places), habits)
        self._shift_seconds = habits.shift_seconds
        self.places = places
        self._began = time.monotonic()

    def run(self) -> None:
        """Visit after visit; returns when the run ends and every outcome is known."""
        while not self.calls.ending.is_set():
            plan = self._planner.next()
            if plan.signs_in_again:
                self.sign_in()
            for look in plan.looks:
                self._look(look, plan)
            self.visit(plan)

    def visit(self, plan: Plan) -> None:
        """Hold, pay and come back as planned."""
        held = self._hold(plan)
        if held is None:
            self.pause(plan.pauses[1])
            return
        self.pause(plan.pauses[2])
        paid = self._carry_on(plan, held)
        self.ask("booking", "GET", f"customer/bookings/{held['bookingId']}")
        if paid and not self.calls.ending.is_set():
            self.pause(plan.pauses[4])
            self._afterwards(plan, held, paid)
        self.pause(plan.pauses[5])

    def _look(self, look: str, plan: Plan) -> None:
        place = self.places[plan.place]
        if look == "search":
            where = NEW_YORK | {"latitude": plan.latitude}
            self.ask("search", "GET", "customer/search", params={"query": "massage", "radiusKm": 8} | where)
        elif look == "profile":
            where = NEW_YORK | {"latitude": plan.latitude}
            self.ask("profile", "GET", f"customer/providers/{place.provider_id}", params=where)
        else:
            paths = {
                "bookings": "customer/bookings",
                "payments": "customer/payments",
                "inbox": "notifications",
            }
            self.ask(look, "GET", paths[look], params={"limit": 100})
        self.pause(plan.pauses[0])

    # Holding

    def _hold(self, plan: Plan) -> dict[str, Any] | None:
        """One of the first free times as planned; None: nothing is held."""
        place = self.places[plan.place]
        slots = self.free(place, self.first_day() + timedelta(days=plan.day))
        if not slots:
            return None
        self.pause(plan.pauses[3] / 4)
        held = self.hold_one(place, slots, plan.rank, f"{plan.key}-hold")
        if held is None:
            return None
        if plan.reuses_key:
            self._reuse(held, slots[-1])
        return held.data

    def hold_one(
        self, place: Place, slots: list[dict[str, Any]], rank: int, key: str, **members: Any
    ) -> Exchange | None:
        """Hold this one of the free times, the next alternative when it is taken; None: nothing is held."""
        slot = slots[min(rank, len(slots) - 1)]
        for attempt in range(2):
            held = self.book(place, slot, f"{key}-{attempt}", **members)
            if held.is_success:
                return held
            others = held.answer.get("details", {}).get("alternatives") if held.answer else None
            if held.code != "slot_taken" or not others:
                return None
            slot = others[0]
        return None

    def first_day(self) -> date:
        """From which day on they book; all move on together, so that free times do not run out."""
        shift = min(int((time.monotonic() - self._began) / self._shift_seconds), MOST_SHIFTS)
        return datetime.now(UTC).date() + timedelta(days=FIRST_DAY + shift)

    def free(self, place: Place, first: date, days: int = 4, **params: str) -> list[dict[str, Any]]:
        """Free times of the first of these days that has any."""
        path = f"customer/providers/{place.provider_id}/availability"
        for ahead in range(days):
            day = (first + timedelta(days=ahead)).isoformat()
            query = {"serviceId": place.service_id, "date": day, **params}
            found = self.ask("availability", "GET", path, params=query)
            slots: list[dict[str, Any]] = found.data.get("slots", [])
            if slots:
                return slots
            if not found.is_success:
                return []
        return []

    def book(self, place: Place, slot: dict[str, Any], key: str, **members: Any) -> Exchange:
        """Hold this time, or not."""
        body = {
            "providerId": place.provider_id,
            "serviceId": place.service_id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
            "notes": key,
            **members,
        }
        held = self.insist("create", "customer/bookings", body, key)
        if held.code != "customer_in_two_places":
            return held
        both = f"{key}-both"
        return self.insist("create", "customer/bookings", body | {"notes": both, "allowOverlap": True}, both)

    def _reuse(self, held: Exchange, slot: dict[str, Any]) -> None:
        """The same request again is the same booking; another request under its key is refused."""
        self.insist("create", "customer/bookings", held.body, held.key)
        other = held.body | {"bookingDate": slot["localDate"], "startTime": slot["localTime"]}
        self.insist("create", "customer/bookings", other | {"notes": "another"}, held.key)

    # Paying

    def _carry_on(self, plan: Plan, held: dict[str, Any]) -> dict[str, Any] | None:
        """Do with the hold as planned; the payment when it succeeded as far as the customer knows."""
        if plan.way == "abandoned":
            self.pause(plan.pauses[3])
        elif plan.way == "hoard":
            self._hoard(plan)
        elif plan.way == "cancelled_unpaid":
            self._cancel_unpaid(plan, held)
        elif plan.way == "two_windows":
            self._cancel_and_look(plan, held)
        elif plan.way == "declined":
            self.pay(plan, held, BAD_CARD, "bad")
            return self.settled(plan, self.pay(plan, held, CARD, "good"))
        elif plan.way == "twice_at_once":
            return self._pay_twice(plan, held)
        elif plan.way == "plain":
            return self.settled(plan, self.pay(plan, held, CARD, "pay"))
        else:
            return self._pay_securely(plan, held)
        return None

    def _cancel_unpaid(self, plan: Plan, held: dict[str, Any]) -> None:
        path = f"customer/bookings/{held['bookingId']}/cancel"
        self.insist("cancel", path, {"reason": "another plan"}, f"{plan.key}-cancel")

    def _cancel_and_look(self, plan: Plan, held: dict[str, Any]) -> None:
        """While the free times load in one window, the booking is cancelled in another."""
        place, day = self.places[plan.place], self.first_day() + timedelta(days=plan.day)
        window = threading.Thread(target=self.free, args=(place, day))
        window.start()
        self.pause(LOADING_SECONDS)
        self._cancel_unpaid(plan, held)
        window.join()

    def _hoard(self, plan: Plan) -> None:
        place, day = self.places[plan.place], self.first_day() + timedelta(days=plan.day)
        for number, slot in enumerate(self.free(place, day)[1:HOARDED]):
            if self.book(place, slot, f"{plan.key}-hoard-{number}").code == "too_many_holds":
                return

    def pay(self, plan: Plan, held: dict[str, Any], card: str, name: str) -> Exchange:
        """Ask a card for what is held."""
        body: dict[str, Any] = {"bookingId": held["bookingId"], "paymentMethodId": card}
        if plan.tip:
            body["tipAmount"] = plan.tip
        return self.insist("pay", "customer/payments/process", body, f"{plan.key}-{name}")

    def _pay_twice(self, plan: Plan, held: dict[str, Any]) -> dict[str, Any] | None:
        """A double click: the same payment from two places at the same moment."""
        results: list[Exchange] = []
        clicks = [
            threading.Thread(target=lambda: results.append(self.pay(plan, held, CARD, "pay")))
            for _ in range(2)
        ]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        return self.settled(plan, results[0])

    def _pay_securely(self, plan: Plan, held: dict[str, Any]) -> dict[str, Any] | None:
        asked = self.pay(plan, held, SECURE_CARD, "secure")
        payment = asked.data
        if payment.get("status") != "requires_action" or not payment.get("nextAction"):
            return self.settled(plan, asked)
        if plan.way == "secure_left":
            return None
        self.pause(6.0 if plan.way == "secure_late" else plan.pauses[6])
        self.authenticate(payment, is_successful=plan.way != "secure_refused")
        if plan.closes_window:
            return None
        confirmed = self.insist(
            "confirm", f"customer/payments/{payment['paymentIntentId']}/confirm", None, f"{plan.key}-confirm"
        )
        return self.settled(plan, confirmed)

    def settled(self, plan: Plan, paid: Exchange) -> dict[str, Any] | None:
        """The payment once it has succeeded; None when it did not, or not within some looks."""
        payment = paid.data
        for _ in range(POLLS):
            if payment.get("status") != "processing" or self.calls.ending.is_set():
                break
            self.pause(0.7)
            seen = self.ask("payment", "GET", f"customer/payments/{payment['paymentId']}")
            payment = seen.data or payment
        return payment if payment.get("status") == "succeeded" else None

    # Coming back

    def _afterwards(self, plan: Plan, held: dict[str, Any], paid: dict[str, Any]) -> None:
        booking, key = held["bookingId"], f"{plan.key}-{plan.afterwards}"
        if plan.afterwards == "parts_and_cancel":
            administrator = Administrator(self.calls, f"{self.name}-administrator")
            for number in range(2):
                administrator.give_back(paid["paymentId"], f"{key}-{number}")
        if plan.afterwards in ("cancel", "parts_and_cancel"):
            self.insist("cancel", f"customer/bookings/{booking}/cancel", {"reason": "ill"}, key)
        elif plan.afterwards == "refund":
            self.insist("cancel", "customer/payments/refund", {"paymentId": paid["paymentId"]}, key)
        elif plan.afterwards == "cancel_as_quoted":
            quote = self.ask("refund_quote", "GET", f"customer/bookings/{booking}/refund-quote")
            body = {"refundQuoteId": quote.data["quoteId"]} if quote.is_success else {}
            self.insist("cancel", f"customer/bookings/{booking}/cancel", body, key)
        if plan.afterwards != "stay":
            self.ask("bookings", "GET", "customer/bookings", params={"limit": 100})
