"""`make chaos MINUTES=10 SEED=...`: customers and faults at once, then every promise is checked.

`--again` repeats the checks on the facts of a run that was kept.
"""

import argparse
import logging
import os
import random
import sys

from deploy.local.instance import Instance
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from tests.chaos.checks import run_checks
from tests.chaos.facts import Facts, read_facts
from tests.chaos.options import LONG_SECONDS, Options
from tests.chaos.report import tell, too_few, write_report
from tests.chaos.run import run

INSTANCE = "testchaos"
CUSTOMERS = 30
MINUTES = 10.0
PASSED, BROKEN, VOID = 0, 1, 3


def main(arguments: list[str] | None = None) -> int:
    """0: every check passed. 1: a promise is broken. 3: a long run met too little work to say anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=None, help="default: a new one; it is printed")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--instance", default=INSTANCE)
    parser.add_argument("--again", action="store_true", help="only check the kept facts of this seed again")
    chosen = parser.parse_args(arguments)
    # What our own clients say of broken connections is no news here.
    logging.getLogger("shared").setLevel(logging.ERROR)
    seed = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    folder = Instance(chosen.instance).folder / "chaos" / str(seed)
    sys.stdout.write(f"seed {seed}; the facts go to {folder}\n")
    options = Options(seed, chosen.minutes * 60, chosen.customers, chosen.instance, folder)
    facts = read_facts(folder) if chosen.again else _run(options)
    results = run_checks(facts)
    sys.stdout.write(tell(facts, results, seed) + "\n")
    write_report(facts, results, seed, folder)
    return _verdict(facts, any(results.values()))


def _run(options: Options) -> Facts:
    progress = Progress()
    prepare(Instance(options.instance), os.environ, progress)
    return run(options, progress)


def _verdict(facts: Facts, is_broken: bool) -> int:
    few = too_few(facts) if facts.seconds >= LONG_SECONDS else []
    if few:
        sys.stdout.write(f"\nvoid: too few faults met work: {', '.join(few)}\n")
    sys.stdout.write("\na promise is broken\n" if is_broken else "\nall checks passed\n")
    if is_broken:
        return BROKEN
    return VOID if few else PASSED


if __name__ == "__main__":
    sys.exit(main())
