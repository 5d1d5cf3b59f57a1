"""What each customer will do, drawn from the seed alone: the same seed, the same plans.

How the customers' steps fall between each other's and the faults is not in the seed: the machine decides.
"""

import random
from dataclasses import dataclass

WAYS = {
    "plain": 50,
    "secure": 16,
    "secure_late": 7,
    "secure_left": 6,
    "secure_refused": 5,
    "declined": 10,
    "abandoned": 9,
    "cancelled_unpaid": 8,
    "twice_at_once": 5,
    "hoard": 2,
}
"""What becomes of a hold, with weights. `secure` is 3-D Secure: in time, too late, never, failed."""

AFTERWARDS = {"stay": 45, "cancel": 25, "refund": 15, "cancel_as_quoted": 15}
"""What becomes of a booking that was paid."""


@dataclass(frozen=True)
class Plan:
    """One visit of one customer. Chances are drawn beforehand so that what happens shifts no later plan."""

    place: int
    day: int
    rank: int
    """Which of the first free times."""
    way: str
    afterwards: str
    tip: int
    """In major units; 0: none."""
    key: str
    """Begins every key of this visit."""
    looks: tuple[str, ...]
    """What else is read on the way: profile, search, bookings, payments, inbox."""
    latitude: float
    reuses_key: bool
    signs_in_again: bool
    pauses: tuple[float, ...]


class Planner:
    """Plans of one customer."""

    def __init__(self, seed: int, customer: int, places: int) -> None:
        self._chance = random.Random(f"{seed}/{customer}")  # noqa: S311 (repeatable on purpose)
        self._places = places
        self._customer = customer
        self._visits = 0

    def next(self) -> Plan:
        """The plan of the next visit."""
        chance = self._chance
        self._visits += 1
        return Plan(
            place=chance.randrange(self._places),
            day=chance.choice((0, 0, 0, 1, 2)),
            rank=min(int(chance.expovariate(0.8)), 5),
            way=_pick(chance, WAYS),
            afterwards=_pick(chance, AFTERWARDS),
            tip=chance.choice((0, 0, 3, 5, 12)),
            key=f"{self._customer}-{self._visits}-{chance.getrandbits(48):x}",
            looks=tuple(
                look
                for look in ("search", "search", "profile", "bookings", "payments", "inbox")
                if chance.random() < 0.3
            ),
            latitude=round(40.70 + chance.random() * 0.1, 3),
            reuses_key=chance.random() < 0.05,
            signs_in_again=chance.random() < 0.05,
            pauses=tuple(round(chance.uniform(0.1, 1.2), 2) for _ in range(8)),
        )


def _pick(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
