"""Results of runs over the same code, so that the matrix may be walked in pieces: its table is of all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.instance import ROOT
from tests.chaos.matrix.run import Result
from tests.chaos.matrix.steps import CELLS

CODE = ("services", "shared")
"""What is under test: results of other code say nothing."""


@dataclass(frozen=True)
class Walked:
    """Cells that were reached and survived, how many runs that took, and how long those were."""

    results: list[Result]
    runs: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        return {result.cell for result in self.results} == set(CELLS)


def keep(folder: Path, results: Sequence[Result], seconds: float) -> None:
    """Add what a run has reached and survived; every check over all that happened in it has passed."""
    cells = [[str(one.cell), one.outcome, one.seconds] for one in results if not one.problem]
    with _file(folder).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"seconds": seconds, "cells": cells}) + "\n")


def walked(folder: Path) -> Walked:
    """All runs that were kept since the code is as it is; of a cell that was walked twice the last."""
    file, known = _file(folder), {str(cell): cell for cell in CELLS}
    runs = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    found = {
        name: Result(known[name], outcome, "", seconds)
        for run in runs
        for name, outcome, seconds in run["cells"]
        if name in known
    }
    return Walked(list(found.values()), len(runs), sum(run["seconds"] for run in runs))


def _file(folder: Path) -> Path:
    digest = hashlib.sha256()
    for part in CODE:
        for source in sorted((ROOT / part).rglob("*.py")):
            digest.update(source.read_bytes())
    return folder / f"walked-{digest.hexdigest()[:12]}.jsonl"
