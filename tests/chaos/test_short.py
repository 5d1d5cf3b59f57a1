"""The short forms of `make chaos` and of its crash matrix, on one stack, in every run of all tests."""

import os
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.instance import Instance
from deploy.local.progress import Progress
from deploy.local.testing import INSTANCE
from tests.chaos import gather
from tests.chaos.checks import run_checks
from tests.chaos.facts import FAULTS, HISTORY, Facts
from tests.chaos.faults.record import FaultLog, read_faults
from tests.chaos.history import History, read_history
from tests.chaos.instance import ChaosStack, chaos_stack
from tests.chaos.matrix.folder import FaultPoints
from tests.chaos.matrix.report import line, row
from tests.chaos.matrix.run import Matrix, Result
from tests.chaos.matrix.steps import CELLS
from tests.chaos.options import Options
from tests.chaos.plans import Habits
from tests.chaos.report import tell, write_report
from tests.chaos.run import run_on

SECONDS = 15.0
CUSTOMERS = 30
SPARED = ("payment",)
"""Not killed: what a killed payment process had claimed is free after half a minute; the long form waits."""
PEACE = 0.3
LEAST_FAULTS = 10

CHOSEN = (
    "holding: booking.create_booking | after commit | 1",
    "holding: relay booking_held | confirmed, not deleted | 1",
    "paying: payment.process_payment | after call confirm | 1",
    "confirming: booking.on_payment_succeeded | before commit | 1",
    "refunding: job send_refund | after call refund | 1",
)
"""Cells of the crash matrix: one of each kind of point, between what is written and what is sent."""


@dataclass(frozen=True)
class ShortRun:
    """A process has died in some cells, then all was broken at random; what is known after both."""

    results: list[Result]
    facts: Facts
    seed: int
    folder: Path


@pytest.fixture(scope="module")
def short_run() -> ShortRun:
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))
    instance = Instance(f"{INSTANCE}-chaos")
    folder = instance.folder / "chaos" / str(seed)
    options = Options(
        seed,
        SECONDS,
        CUSTOMERS,
        instance.name,
        folder,
        SPARED,
        has_journey=False,
        peace_factor=PEACE,
        # What has a longer life is the long form's: answers and visits of the next minutes take minutes.
        habits=Habits(),
        begun=0,
        due=0,
    )
    progress = Progress()
    points = FaultPoints(instance.folder / "fault-points")
    with chaos_stack(instance.name, progress, settings=points.settings) as chaos:
        matrix_folder = folder / "matrix"
        results = _die_in_cells(chaos, points, matrix_folder, progress)
        facts = run_on(chaos, options, progress)
        facts.exchanges = [*read_history(matrix_folder / HISTORY), *facts.exchanges]
        facts.faults = [*read_faults(matrix_folder / FAULTS), *facts.faults]
        facts.cells = [row(result) for result in results]
    return ShortRun(results, facts, seed, folder)


def _die_in_cells(chaos: ChaosStack, points: FaultPoints, folder: Path, progress: Progress) -> list[Result]:
    gather.hear_all_events(chaos.stack.amqp_uri)
    history = History(folder / HISTORY)
    matrix = Matrix(chaos, points, history, FaultLog(folder / FAULTS), folder)
    results = []
    for result in matrix.walk(cell for cell in CELLS if str(cell) in CHOSEN):
        progress.say(line(result))
        results.append(result)
    matrix.close()
    history.close()
    return results


def test_a_process_that_dies_at_a_named_point_costs_its_customer_nothing(short_run: ShortRun) -> None:
    """rules C13, C16, C17 and W7: some cells of the crash matrix, each reached and survived."""
    assert sorted(str(result.cell) for result in short_run.results) == sorted(CHOSEN)
    assert not [line(result) for result in short_run.results if result.problem]


def test_nothing_is_lost_whatever_breaks(short_run: ShortRun) -> None:
    """promises A2, C2, C5, D10, E6, rules C13, C14, C16, C17, W5, W7: every check, after many faults."""
    facts, seed, folder = short_run.facts, short_run.seed, short_run.folder
    results = run_checks(facts)
    write_report(facts, results, seed, folder)
    report = f"{tell(facts, results, seed)}\nkept in {folder}"
    assert not any(results.values()), report
    assert sum(fault.counts for fault in facts.faults) >= LEAST_FAULTS, report
