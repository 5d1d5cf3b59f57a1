"""Customers who give an agreed visit up for one that costs more: its price rises while all is breaking."""

import threading
from datetime import timedelta

from tests.chaos.agreeing import LOOK_SECONDS, AgreeingCustomer, Found
from tests.chaos.customers import CARD, POLLS
from tests.chaos.places import EVER_DEARER
from tests.chaos.plans import Plan


class ReplacingCustomer(AgreeingCustomer):
    """Agrees on a visit, and holds another in its place."""

    def replace(self, plan: Plan) -> None:
        """Pay the dearer time, leave it to its end, or pay it while the first visit is being cancelled."""
        agreed = self.hold_any(plan, EVER_DEARER, self.first_day() + timedelta(days=plan.day))
        if agreed is None or not self.pay_until(plan, agreed, "confirmed"):
            return
        held = self._hold_in_place(plan, agreed)
        if held is None:
            return
        if plan.turns[0] < 0.6:
            self.pay_until(plan, held, "confirmed", "instead")
        elif plan.turns[0] < 0.85:
            self._pay_and_cancel(plan, held, agreed)
        if plan.turns[1] < 0.3:
            self.cancel(plan, held["bookingId"])
        for one in (agreed, held):
            self.ask("booking", "GET", f"customer/bookings/{one['bookingId']}")

    def _hold_in_place(self, plan: Plan, agreed: Found) -> Found | None:
        """Hold a time that costs more; None: nothing is held."""
        slot = self._dearer(plan, agreed)
        if slot is None:
            return None
        held = self.book(EVER_DEARER, slot, f"{plan.key}-instead", replacesBookingId=agreed["bookingId"])
        if plan.reuses_key or plan.turns[3] < 0.2:
            self.insist("create", "customer/bookings", held.body, held.key)
        return held.data if held.is_success else None

    def _dearer(self, plan: Plan, agreed: Found) -> Found | None:
        """A time of another day, once it costs more than was agreed; None: it does not within some looks."""
        slots = self.free(EVER_DEARER, self.first_day() + timedelta(days=plan.day + 1))
        if not slots:
            return None
        slot = slots[min(plan.rank, len(slots) - 1)]
        query = {"date": slot["localDate"], "time": slot["localTime"]}
        path = f"customer/bookings/{agreed['bookingId']}/reschedule-quote"
        for _ in range(POLLS):
            quote = self.ask("reschedule_quote", "GET", path, params=query).data
            if quote and quote["priceDifference"]["amount"] > 0:
                return slot
            if self.calls.ending.is_set():
                break
            self.pause(LOOK_SECONDS)
        return None

    def _pay_and_cancel(self, plan: Plan, held: Found, agreed: Found) -> None:
        """In two windows at once: whichever comes first, nobody pays for two visits or for none."""
        cancelling = threading.Thread(target=self.cancel, args=(plan, agreed["bookingId"], "cancel-first"))
        cancelling.start()
        self.pay(plan, held, CARD, "instead")
        cancelling.join()
