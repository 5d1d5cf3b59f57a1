"""What was agreed an hour before a run: visits that have begun by now, and answers that are due during it.

Booking and payment live an hour earlier while these are booked, by the clocks of their databases, so that
nothing is done in another way than by customers.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.customers import CARD
from tests.chaos.house import ADDRESS, ANSWER_HOURS, day_of
from tests.chaos.instance import ChaosStack
from tests.chaos.person import Person
from tests.chaos.places import ASKED_FIRST, AT_HOME, Place
from tests.fixtures.database_clock import clock_offset

AT_ONCE = 8
AHEAD = timedelta(minutes=2)
"""So far ahead of the clock of then a visit is: it can be paid until then."""
OF_A_START = 10
"""So many begin together; the next ten minutes later."""
BETWEEN = timedelta(minutes=10)
TRIES, LOOKS = 5, 40
LOOK_SECONDS = 0.25


class EarlierError(Exception):
    """What a run needs to have been agreed before could not be."""


def book_earlier(
    chaos: ChaosStack, persons: Sequence[Person], begun: int, due: int, deadline: timedelta
) -> list[tuple[int, str]]:
    """Visits that have begun, by their persons' places among `persons`, whose turn it is one after the other:
    `begun` of them. `due` others wait for an answer, which can be given for `deadline` from now on."""
    ago = timedelta(hours=ANSWER_HOURS) - deadline
    with ExitStack() as clocks:
        for service in ("booking", "payment"):
            url = chaos.stack.admin_database_url(service)
            clocks.enter_context(clock_offset(url, f"care_{service}", -ago))
        then = datetime.now(UTC) - ago
        with ThreadPoolExecutor(AT_ONCE) as pool:
            orders = list(_orders(persons, begun, due, then))
            made = list(pool.map(lambda order: order.carry_out(), orders))
    return [(number % len(persons), made[number]) for number in range(due, due + begun)]


class _Order:
    """One visit to be held and paid."""

    def __init__(self, person: Person, place: Place, starts_at: datetime, key: str) -> None:
        self._person = person
        self._place = place
        self._starts_at = starts_at
        self._key = key

    def carry_out(self) -> str:
        """The id of the booking, which waits for its answer or is agreed."""
        for number in range(TRIES):
            booking_id = self._try(f"{self._key}-{number}")
            if booking_id:
                return booking_id
        raise EarlierError(f"{self._key} could not be booked and paid in {TRIES} tries")

    def _try(self, key: str) -> str:
        """Nothing on a slow machine: the hold may end before it is paid."""
        is_at_home = self._place == AT_HOME
        person, slot = self._person, self._slot()
        body = {
            "providerId": self._place.provider_id,
            "serviceId": self._place.service_id,
            "bookingDate": slot["localDate"],
            "startTime": slot["localTime"],
            "notes": key,
            "allowOverlap": True,
            **({"address": ADDRESS} if is_at_home else {}),
        }
        held = person.insist("create", "customer/bookings", body, key)
        if not held.is_success:
            return ""
        booking_id: str = held.data["bookingId"]
        paying = {"bookingId": booking_id, "paymentMethodId": CARD}
        person.insist("pay", "customer/payments/process", paying, f"{key}-pay")
        return booking_id if self._is_agreed(booking_id, "confirmed" if is_at_home else "pending") else ""

    def _slot(self) -> dict[str, Any]:
        """The first one from its start on."""
        for number in range(LOOKS):
            day = day_of(self._starts_at) + timedelta(days=number % 2)
            for slot in self._slots(day.isoformat()):
                if datetime.fromisoformat(slot["startsAt"]) >= self._starts_at:
                    return slot
            self._person.pause(LOOK_SECONDS)
        raise EarlierError(f"{self._place} has no free time from {self._starts_at} on")

    def _slots(self, day: str) -> list[dict[str, Any]]:
        path = f"customer/providers/{self._place.provider_id}/availability"
        query = {"serviceId": self._place.service_id, "date": day}
        found: list[dict[str, Any]] = self._person.ask("availability", "GET", path, params=query).data.get(
            "slots", []
        )
        return found

    def _is_agreed(self, booking_id: str, state: str) -> bool:
        for _ in range(LOOKS):
            seen = self._person.ask("booking", "GET", f"customer/bookings/{booking_id}").data
            if (seen.get("state"), seen.get("pendingFor")) in ((state, None), (state, "provider")):
                return True
            if seen.get("state") in ("expired", "cancelled"):
                break
            self._person.pause(LOOK_SECONDS)
        return False


def _orders(persons: Sequence[Person], begun: int, due: int, then: datetime) -> Iterable[_Order]:
    for number in range(due + begun):
        person = persons[number % len(persons)]
        key = f"{person.name.rpartition('-')[2]}-0-earlier-{number}"
        if number < due:
            yield _Order(person, ASKED_FIRST, then + timedelta(days=7), key)
        else:
            yield _Order(person, AT_HOME, then + AHEAD + BETWEEN * ((number - due) // OF_A_START), key)
