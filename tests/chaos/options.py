"""What a run of chaos is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.faults.record import KINDS
from tests.chaos.plans import STORIES, Habits
from tests.fixtures.tcp_proxy import Slow

LONG_SECONDS = 600.0
"""From here on a run says something only when enough faults of each kind have met work."""


@dataclass(frozen=True)
class Options:
    """How long, by which seed, with how many customers, on which instance, and where the facts go."""

    seed: int
    seconds: float
    customers: int
    instance: str
    folder: Path
    spared: tuple[str, ...] = ()
    """Services whose processes are not killed."""
    has_journey: bool = True
    peace_factor: float = 1.0
    """What the seconds of peace between two faults are multiplied by."""
    lasting_factor: float = 1.0
    """What the seconds are multiplied by for which a fault lasts."""
    kinds: tuple[str, ...] = KINDS
    """Kinds of faults that are made."""
    targets: tuple[str, ...] = ()
    """Processes, and connections as `booking to postgresql`, that are struck; empty: all."""
    slow: Mapping[tuple[str, str], Slow] = field(default_factory=dict)
    """Connections, by service and server, that are slow while customers are about."""
    habits: Habits = field(default_factory=lambda: Habits(stories=STORIES))
    begun: int = 40
    """Visits that have begun when the run begins, for those who attend or miss them."""
    due: int = 6
    """Visits that wait for an answer which nobody gives: the time for it ends during the run."""
    rest_seconds: float = 150.0
    """So long the stack may take to come to rest."""
