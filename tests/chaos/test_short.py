"""The short form of `make chaos`: a quarter of a minute of faults in every run of all tests."""

import os
import random

from deploy.local.instance import Instance
from deploy.local.progress import Progress
from deploy.local.testing import INSTANCE
from tests.chaos.checks import run_checks
from tests.chaos.options import Options
from tests.chaos.report import tell, write_report
from tests.chaos.run import run

SECONDS = 15.0
CUSTOMERS = 30
SPARED = ("payment",)
"""Not killed: what a killed payment process had claimed is free after half a minute; the long form waits."""
PEACE = 0.3
LEAST_FAULTS = 10


def test_nothing_is_lost_whatever_breaks() -> None:
    """promises A2, C2, C5, D10, E6, rules C13, C14, C16, C17, W5, W7: every check, after many faults."""
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))
    instance = f"{INSTANCE}-chaos"
    folder = Instance(instance).folder / "chaos" / str(seed)
    options = Options(
        seed, SECONDS, CUSTOMERS, instance, folder, SPARED, has_journey=False, peace_factor=PEACE
    )
    facts = run(options, Progress())
    results = run_checks(facts)
    write_report(facts, results, seed, folder)
    report = f"{tell(facts, results, seed)}\nkept in {folder}"
    assert not any(results.values()), report
    assert sum(fault.counts for fault in facts.faults) >= LEAST_FAULTS, report
