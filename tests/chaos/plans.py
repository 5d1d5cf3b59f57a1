"""What each customer will do, drawn from the seed alone: the same seed, the same plans.

How the customers' steps fall between each other's and the faults is not in the seed: the machine decides.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    "two_windows": 0,
}
"""What becomes of a hold, with weights. `secure` is 3-D Secure: in time, too late, never, failed."""

AFTERWARDS = {"stay": 45, "cancel": 25, "refund": 15, "cancel_as_quoted": 15, "parts_and_cancel": 0}
"""What becomes of a booking that was paid. `parts_and_cancel`: small parts go back first."""

STORIES = {
    "visit": 60,
    "moved": 14,
    "asked": 12,
    "series": 9,
    "line": 14,
    "missed": 8,
    "attended": 8,
    "replaced": 10,
}
"""What a customer is up to, with weights; `visit`: one visit, by WAYS and AFTERWARDS. The others are in
stories.py. `missed` and `attended` need a visit that has begun; without one they are `visit`."""

ANSWERS = {"accept": 40, "decline": 20, "cancel": 15, "race": 15, "never": 10}
"""What becomes of a visit whose provider is asked first; `race`: it accepts while its customer cancels."""

LOOKS = ("search", "search", "profile", "bookings", "payments", "inbox")
"""What is read on the way."""

TURNS = 4
CLOSING_SECONDS = 0.4
"""Who pauses less before confirming closes the window instead."""


@dataclass(frozen=True)
class Habits:
    """How the customers of a run are. What is not said is as in a long run."""

    ways: Mapping[str, int] = field(default_factory=lambda: WAYS)
    afterwards: Mapping[str, int] = field(default_factory=lambda: AFTERWARDS)
    stories: Mapping[str, int] = field(default_factory=lambda: {"visit": 1})
    answers: Mapping[str, int] = field(default_factory=lambda: ANSWERS)
    reuses_key: float = 0.05
    """The share of visits in which a key is used again, for the same and for another request."""
    tips: tuple[int, ...] = (0, 0, 3, 5, 12)
    looks: tuple[str, ...] = LOOKS
    look_share: float = 0.3
    """How likely each of the looks is in a visit."""
    days: tuple[int, ...] = (0, 0, 0, 1, 2)
    """Which day after the first they want."""
    places: int = 4
    """At how many providers all of them want a time."""
    shift_seconds: float = 40.0
    """After so long all move on by a day, so that free times do not run out."""
    pause_factor: float = 1.0
    """What the seconds of thinking are multiplied by."""


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
    """What else is read on the way."""
    latitude: float
    reuses_key: bool
    signs_in_again: bool
    closes_window: bool
    """Leaves before it confirms: the webhook or the reconciler must do."""
    pauses: tuple[float, ...]
    story: str = "visit"
    answer: str = "accept"
    turns: tuple[float, ...] = ()
    """Chances of a story, each between 0 and 1."""


class Planner:
    """Plans of one customer."""

    def __init__(self, seed: int, customer: int, places: int, habits: Habits) -> None:
        self._chance = random.Random(f"{seed}/{customer}")  # noqa: S311 (repeatable on purpose)
        self._places = places
        self._habits = habits
        self._customer = customer
        self._visits = 0

    def next(self) -> Plan:
        """The plan of the next visit."""
        chance, habits = self._chance, self._habits
        self._visits += 1
        plan = Plan(
            place=chance.randrange(self._places),
            day=chance.choice(habits.days),
            rank=min(int(chance.expovariate(0.8)), 5),
            way=_pick(chance, habits.ways),
            afterwards=_pick(chance, habits.afterwards),
            tip=chance.choice(habits.tips),
            key=f"{self._customer}-{self._visits}-{chance.getrandbits(48):x}",
            looks=tuple(look for look in habits.looks if chance.random() < habits.look_share),
            latitude=round(40.70 + chance.random() * 0.1, 3),
            reuses_key=chance.random() < habits.reuses_key,
            signs_in_again=chance.random() < 0.05,
            closes_window=False,
            pauses=tuple(round(chance.uniform(0.1, 1.2), 2) for _ in range(8)),
        )
        return replace(
            plan,
            story=_pick(chance, habits.stories),
            answer=_pick(chance, habits.answers),
            turns=tuple(chance.random() for _ in range(TURNS)),
            closes_window=plan.pauses[7] < CLOSING_SECONDS,
            pauses=tuple(pause * habits.pause_factor for pause in plan.pauses),
        )


def _pick(chance: random.Random, weights: Mapping[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
