"""`make chaos-matrix`: a process dies in every cell, every promise is checked, the table is written."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from deploy.local.instance import ROOT, Instance
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from tests.chaos import gather
from tests.chaos.checks import run_checks
from tests.chaos.facts import FAULTS, HISTORY, Facts, write_facts
from tests.chaos.faults.record import FaultLog
from tests.chaos.history import History
from tests.chaos.instance import chaos_stack
from tests.chaos.matrix.folder import FaultPoints
from tests.chaos.matrix.kept import keep, walked
from tests.chaos.matrix.order import in_turn, undeclared
from tests.chaos.matrix.report import block, line, row, write_block
from tests.chaos.matrix.run import Matrix, Result
from tests.chaos.matrix.steps import CELLS
from tests.chaos.matrix.table import Cell
from tests.chaos.report import tell_checks
from tests.chaos.run import gather_all, rest

INSTANCE = "testmatrix"
DOCUMENT = ROOT / "docs" / "reliability.md"
MORE = ("booking", "payment", "payment", "notify", "search")
"""While one process comes back, another works on the next cell."""
REST_SECONDS = 150.0
OF_CELLS = "rest.every_cell_was_reached_and_survived"
SETTINGS = {"PAYMENT_HOLD_SECONDS": "30"}
"""A payment whose process died has its outcome within its hold, also on a slow machine."""


def main(arguments: list[str] | None = None) -> int:
    """0: every cell was reached and every check passed, else 1. The table is written when every cell of the
    matrix was reached, in this run or in earlier ones over the same code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.matrix", description=__doc__)
    parser.add_argument("--instance", default=INSTANCE)
    parser.add_argument("--only", default="", help="cells whose names have one of these, by commas")
    chosen = parser.parse_args(arguments)
    instance, began = Instance(chosen.instance), time.monotonic()
    cells = [cell for cell in CELLS if any(part in str(cell) for part in chosen.only.split(","))]
    if not cells:
        parser.error(f"no cell has {chosen.only!r} in its name")
    # What our own clients say of broken connections is no news here.
    logging.getLogger("shared").setLevel(logging.ERROR)
    results, facts = _run(instance, cells)
    found = run_checks(facts)
    sys.stdout.write("\n".join(tell_checks(facts, found)) + "\n")
    is_broken = any(found.values())
    verdict = "a promise is broken" if is_broken else "all checks passed"
    sys.stdout.write(f"\n{len(results)} of {len(CELLS)} cells: {verdict}\n")
    if not any(violations for name, violations in found.items() if name != OF_CELLS):
        _keep(instance.folder / "matrix", results, time.monotonic() - began)
    return int(is_broken)


def _keep(folder: Path, results: list[Result], seconds: float) -> None:
    keep(folder, results, seconds)
    known = walked(folder)
    if known.is_whole:
        write_block(DOCUMENT, block(known))
    else:
        sys.stdout.write(f"{len(known.results)} cells in {known.runs} runs: no table without the others\n")


def _run(instance: Instance, cells: list[Cell]) -> tuple[list[Result], Facts]:
    """Walk through the cells on a stack of their own, let it come to rest, gather what is known then."""
    progress, facts, folder = Progress(), Facts(), instance.folder / "matrix"
    prepare(instance, os.environ, progress)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FAULTS).unlink(missing_ok=True)
    points = FaultPoints(instance.folder / "fault-points")
    with chaos_stack(instance.name, progress, settings={**SETTINGS, **points.settings}, more=MORE) as chaos:
        gather.hear_all_events(chaos.stack.amqp_uri)
        history = History(folder / HISTORY)
        matrix = Matrix(chaos, points, history, FaultLog(folder / FAULTS), folder)
        with progress.step("looking which points are passed"):
            facts.cells += _unknown(matrix, dict.fromkeys(cell.step.walk for cell in cells))
        results = []
        for result in matrix.walk(in_turn(cells)):
            progress.say(line(result))
            results.append(result)
        matrix.close()
        history.close()
        facts.cells += map(row, results)
        rest(chaos, facts, progress, REST_SECONDS)
        gather_all(chaos, facts, folder, progress)
    write_facts(facts, folder)
    return results, facts


def _unknown(matrix: Matrix, walks: Iterable[str]) -> list[dict[str, str]]:
    """What is passed when nobody dies, and stands in no table."""
    passed = set().union(*(matrix.passed(name) for name in walks))
    return [
        {"cell": name, "outcome": "", "problem": "is passed, and no step of the matrix has it"}
        for name in undeclared(passed)
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
