"""An administrator who gives payments back in parts and decides contests, as the history sees it."""

from typing import Any

from deploy.local.demo_data.people import DEMO_PASSWORD
from tests.chaos.history import Exchange
from tests.chaos.person import Calls, Person

EMAIL = "admin@demo.test"
PART = 0.04
"""In major units: too little for any commission of its own."""


class Administrator(Person):
    """Signs in when something is to be done."""

    def __init__(self, calls: Calls, name: str) -> None:
        super().__init__(calls, name)
        self.customer.email, self.password = EMAIL, DEMO_PASSWORD

    def give_back(self, payment_id: str, key: str) -> None:
        """One small part of the service, as it was previewed."""
        self._sign_in_once()
        wish: dict[str, Any] = {"paymentId": payment_id, "serviceAmount": PART}
        shown = self.ask("preview_refund", "POST", "admin/refunds/preview", wish)
        if shown.is_success:
            body = {**wish, "previewId": shown.data["previewId"], "reason": "late by a few minutes"}
            self.insist("give_back", "admin/refunds", body, key)

    def decide(self, booking_id: str, outcome: str, key: str) -> Exchange:
        """Whether a contested no-show stands, or is overturned."""
        self._sign_in_once()
        body = {"outcome": outcome, "reason": "as the door's camera shows"}
        return self.insist("decide", f"admin/bookings/{booking_id}/contest/decide", body, key)

    def _sign_in_once(self) -> None:
        if not self.customer.token:
            self.sign_in()
