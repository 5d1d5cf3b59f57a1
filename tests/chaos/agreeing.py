"""Customers who hold a time anywhere, and pay until they see it agreed: what all longer lives begin with."""

from datetime import date
from typing import Any

from tests.chaos.customers import CARD, POLLS, ChaosCustomer
from tests.chaos.places import Place
from tests.chaos.plans import Plan

LOOK_SECONDS = 0.6

Found = dict[str, Any]


class AgreeingCustomer(ChaosCustomer):
    """Has the ways that stories share."""

    def hold_any(self, plan: Plan, place: Place, day: date) -> Found | None:
        """One of the first free times of this day or the next ones; None: nothing is held."""
        slots = self.free(place, day)
        held = self.hold_one(place, slots, plan.rank, f"{plan.key}-hold") if slots else None
        return held.data if held else None

    def pay_until(self, plan: Plan, held: Found, state: str, name: str = "pay") -> bool:
        """Pay what is held; whether it was seen in this state with its payment known."""
        paid = self.settled(plan, self.pay(plan, held, CARD, name))
        path = f"customer/bookings/{held['bookingId']}"
        for _ in range(POLLS if paid else 0):
            seen = self.ask("booking", "GET", path)
            if seen.data.get("state") == state and seen.data.get("pendingFor") in (None, "provider"):
                return True
            if self.calls.ending.is_set() or seen.data.get("state") in ("cancelled", "expired"):
                break
            self.pause(LOOK_SECONDS)
        return False

    def cancel(self, plan: Plan, booking_id: str, name: str = "cancel") -> None:
        path = f"customer/bookings/{booking_id}/cancel"
        self.insist("cancel", path, {"reason": "found somebody"}, f"{plan.key}-{name}")
