"""All that is known after a run: what customers saw, what was done to the stack, what every part says now."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.faults.record import Fault, read_faults
from tests.chaos.history import Exchange, read_history

Row = dict[str, Any]

HISTORY, FAULTS, FACTS = "history.jsonl", "faults.jsonl", "facts.json"


@dataclass(frozen=True)
class Violation:
    """A promise that was broken: which, what happened in words with the ids, and when if that is known."""

    promise: str
    text: str
    at: float | None = None


@dataclass
class Facts:
    """What the checks look at. `rows` are the tables by `service.table`; instants are ISO texts in UTC, and
    `committed` is when the row was committed, in seconds since 1970."""

    seconds: float = 0.0
    """How long faults were made."""
    exchanges: list[Exchange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)
    """Every event as the broker gave it to a queue of ours that hears all, repetitions too."""
    intents: list[Row] = field(default_factory=list)
    """Every intent at Stripe's stand-in, and under `refunds` what went back of it."""
    parked: list[Row] = field(default_factory=list)
    """Events that were parked before the replay."""
    parked_after: list[Row] = field(default_factory=list)
    """Events that were parked again after it."""
    unrest: list[str] = field(default_factory=list)
    """What had not come to rest in time."""
    reconciliation: list[str] = field(default_factory=list)
    """Lines of `make reconcile` when it found something."""
    journey: list[str] = field(default_factory=list)
    """What the journey said when it failed."""
    cells: list[Row] = field(default_factory=list)
    """Cells of the crash matrix: `cell`, `outcome`, and `problem` when it was not reached or not survived."""
    answers: list[Row] = field(default_factory=list)
    """Questions answered through the gateway's cache and by their owner: `what`, `cached`, `owner`."""
    lines: list[Row] = field(default_factory=list)
    """Who still waits in a line (`entry`), and which local times are free of what they wait for (`free`)."""


Check = Callable[[Facts], list[Violation]]


def write_facts(facts: Facts, folder: Path) -> None:
    """Keep what was gathered; exchanges and faults have files of their own."""
    kept = {name: value for name, value in asdict(facts).items() if name not in ("exchanges", "faults")}
    (folder / FACTS).write_text(json.dumps(kept), encoding="utf-8")


def read_facts(folder: Path) -> Facts:
    """The facts of a run that was kept, so that its checks can be repeated."""
    kept = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return Facts(exchanges=read_history(folder / HISTORY), faults=read_faults(folder / FAULTS), **kept)
