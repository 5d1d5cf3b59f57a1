"""The owner of the house as the history sees it: what a provider says of its visits."""

from typing import Any

from deploy.local.demo_data.people import DEMO_PASSWORD
from tests.chaos.history import Exchange
from tests.chaos.house import OWNER_EMAIL, PLACE
from tests.chaos.person import Calls, Person


class HouseOwner(Person):
    """Signs in when something is to be said."""

    def __init__(self, calls: Calls, name: str) -> None:
        super().__init__(calls, name)
        self.customer.email, self.password = OWNER_EMAIL, DEMO_PASSWORD

    def accept(self, booking_id: str, key: str) -> Exchange:
        return self._say("accept", booking_id, None, key)

    def decline(self, booking_id: str, key: str) -> Exchange:
        return self._say("decline", booking_id, {"reason": "nobody is free"}, key)

    def start(self, booking_id: str, key: str) -> Exchange:
        """The carer checks in where the house is."""
        return self._say("start", booking_id, {"position": {**PLACE, "accuracyM": 8.0}}, key)

    def complete(self, booking_id: str, key: str) -> Exchange:
        return self._say("complete", booking_id, {"position": {**PLACE, "accuracyM": 8.0}}, key)

    def miss(self, booking_id: str, key: str) -> Exchange:
        """Nobody was there."""
        return self._say("no_show", booking_id, None, key)

    def call_off(self, booking_id: str, key: str) -> Exchange:
        """The house can't come."""
        return self._say("cancel", booking_id, {"reason": "the carer is ill"}, key)

    def note(self, booking_id: str, text: str, key: str) -> Exchange:
        self._sign_in_once()
        return self.insist("notes", f"provider/bookings/{booking_id}", {"notes": text}, key, "PATCH")

    def accept_all(self, booking_ids: list[str]) -> None:
        """Answer what nobody else will, in the end."""
        for booking_id in booking_ids:
            self.accept(booking_id, f"last-{booking_id}")

    def _say(self, word: str, booking_id: str, body: Any, key: str) -> Exchange:
        self._sign_in_once()
        return self.insist(word, f"provider/bookings/{booking_id}/{word.replace('_', '-')}", body, key)

    def _sign_in_once(self) -> None:
        if not self.customer.token:
            self.sign_in()
