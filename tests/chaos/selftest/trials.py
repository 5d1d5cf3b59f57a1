"""Trials: a short run of chaos for each plant and seed, and the same without the plant."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.local.progress import Progress
from tests.chaos.checks import run_checks
from tests.chaos.facts import Violation
from tests.chaos.instance import ChaosStack
from tests.chaos.options import Options
from tests.chaos.report import write_report
from tests.chaos.run import run_on
from tests.chaos.selftest.ground import Ground
from tests.chaos.selftest.plant import Bait
from tests.chaos.selftest.plants import PLANTS

CUSTOMERS = 12
PACE = 0.1
"""Faults follow each other as much faster than in a long run, and are as much shorter."""


@dataclass(frozen=True)
class Outcome:
    """What a trial found: by check, its violations. `check`: the one that must; empty: none must."""

    plant: str
    seed: int
    check: str
    found: dict[str, list[Violation]]
    seconds: float

    @property
    def is_as_expected(self) -> bool:
        return bool(self.found.get(self.check)) if self.check else not self.found


class Trials:
    """All trials on one stack, one after the other."""

    def __init__(self, chaos: ChaosStack, ground: Ground, folder: Path, progress: Progress) -> None:
        self._chaos = chaos
        self._ground = ground
        self._folder = folder
        self._progress = progress

    def without_plants(self, names: Iterable[str], seed: int) -> Iterator[Outcome]:
        """The run of each plant in the code as it is: nothing may be found."""
        self._ground.change(None)
        for name in names:
            yield self._try(f"without {name}", seed, PLANTS[name].bait, "")

    def with_plant(self, name: str, seeds: Iterable[int]) -> Iterator[Outcome]:
        with self._progress.step(f"planting {name}"):
            self._ground.change(PLANTS[name])
        for seed in seeds:
            yield self._try(name, seed, PLANTS[name].bait, PLANTS[name].check)

    def _try(self, name: str, seed: int, bait: Bait, check: str) -> Outcome:
        began = time.monotonic()
        options = self._options(name, seed, bait)
        with self._progress.step(f"{name}, seed {seed}: data as before"):
            self._ground.prepare()
        facts = run_on(self._chaos, options, self._progress)
        found = {one: violations for one, violations in run_checks(facts).items() if violations}
        write_report(facts, found, seed, options.folder)
        said = ", ".join(f"{one} ({len(violations)})" for one, violations in found.items())
        self._progress.say(f"{name}, seed {seed}: found {said or 'nothing'}")
        return Outcome(name, seed, check, found, time.monotonic() - began)

    def _options(self, name: str, seed: int, bait: Bait) -> Options:
        return Options(
            seed=seed,
            seconds=bait.seconds,
            customers=CUSTOMERS,
            instance=self._chaos.stack.instance.name,
            folder=self._folder / name.replace(" ", "-") / str(seed),
            has_journey=False,
            peace_factor=PACE,
            lasting_factor=PACE,
            kinds=bait.kinds,
            targets=bait.targets,
            slow=bait.slow,
            habits=bait.habits,
            rest_seconds=bait.rest_seconds,
            begun=bait.begun,
            due=bait.due,
        )
