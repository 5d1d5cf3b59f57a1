"""`make chaos-selftest`: each fault planted into a copy of the code is found by the check named for it."""

import argparse
import logging
import os
import sys
from collections.abc import Iterator

from deploy.local.instance import Instance
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from tests.chaos.instance import chaos_stack
from tests.chaos.selftest.edits import copy_code
from tests.chaos.selftest.ground import Ground
from tests.chaos.selftest.plants import PLANTS
from tests.chaos.selftest.table import table
from tests.chaos.selftest.trials import Outcome, Trials

INSTANCE = "testselftest"
SEEDS = [1, 2, 3]


def main(arguments: list[str] | None = None) -> int:
    """0: each plant was found with every seed, and nothing where nothing was planted. 1: otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.selftest", description=__doc__)
    parser.add_argument("--plants", nargs="+", choices=PLANTS, default=[*PLANTS])
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--part", choices=("all", "plants", "control"), default="all")
    chosen = parser.parse_args(arguments)
    # What our own clients say of broken connections is no news here.
    logging.getLogger("shared").setLevel(logging.ERROR)
    outcomes = list(_outcomes(chosen.plants, chosen.seeds, chosen.part, Progress()))
    sys.stdout.write(table(outcomes) + "\n")
    return 0 if all(outcome.is_as_expected for outcome in outcomes) else 1


def _outcomes(plants: list[str], seeds: list[int], part: str, progress: Progress) -> Iterator[Outcome]:
    instance = Instance(INSTANCE)
    prepare(instance, os.environ, progress)
    code = instance.folder / "code"
    copy_code(code)
    with chaos_stack(INSTANCE, progress, code) as chaos:
        trials = Trials(chaos, Ground(chaos, code), instance.folder / "trials", progress)
        if part != "plants":
            yield from trials.without_plants(plants, seeds[0])
        for name in plants if part != "control" else ():
            yield from trials.with_plant(name, seeds)


if __name__ == "__main__":
    sys.exit(main())
