"""What a planted fault is, and the short run in which it must show."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.chaos.plans import Habits
from tests.chaos.selftest.edits import Edit, Statement
from tests.fixtures.tcp_proxy import Slow


@dataclass(frozen=True)
class Bait:
    """The short run in which a fault must show: how long, what customers do, what breaks meanwhile."""

    habits: Habits
    seconds: float = 8.0
    kinds: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    slow: Mapping[tuple[str, str], Slow] = field(default_factory=dict)
    rest_seconds: float = 60.0
    begun: int = 0
    due: int = 0


@dataclass(frozen=True)
class Plant:
    """What is changed in the copy of the code or in a database, and which check must notice it."""

    what: str
    check: str
    bait: Bait
    services: tuple[str, ...] = ()
    """Whose code is changed: they are started anew."""
    edits: tuple[Edit, ...] = ()
    statements: tuple[Statement, ...] = ()
