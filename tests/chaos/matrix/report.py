"""The matrix as people read it: a line per cell, and the table of steps and points in docs/reliability.md."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.facts import Row
from tests.chaos.matrix.kept import Walked
from tests.chaos.matrix.outside import OUTSIDE
from tests.chaos.matrix.run import Result
from tests.chaos.matrix.steps import CELLS, STEPS
from tests.chaos.matrix.table import Point, Step

BEGIN, END = "<!-- crash matrix: written by `make chaos-matrix` -->", "<!-- end of the crash matrix -->"
FAILED = "FAILED"
NOTHING = "nothing"


def line(result: Result) -> str:
    """A cell with its outcome."""
    parts = [f"{result.cell!s:<90}", result.outcome or NOTHING, f"({result.seconds:.1f} s)"]
    return "  ".join([*parts, *([f"{FAILED}: {result.problem}"] if result.problem else [])])


def row(result: Result) -> Row:
    """A cell as the checks read it."""
    return {"cell": str(result.cell), "outcome": result.outcome, "problem": result.problem}


def block(walked: Walked) -> str:
    """What docs/reliability.md shows: the table, its reasons, what has no row, and how long it took."""
    results, runs = walked.results, f"{walked.runs} runs of together" if walked.runs > 1 else "a run of"
    reached = sum(not result.problem for result in results)
    reasons = _reasons()
    return "\n".join(
        [
            f"{len(CELLS)} cells, {reached} reached and survived, in {runs} {walked.seconds:.0f} s.",
            "",
            *_table(results, reasons),
            "",
            "Where a number stands in brackets there is no such cell, because:",
            "",
            *(f"{number}. {reason}" for reason, number in reasons.items()),
            "",
            "Without a row, because:",
            "",
            *_outside(),
        ]
    )


def write_block(document: Path, text: str) -> None:
    """Replace what stands between the two marks. Raises ValueError when they are not there."""
    before, begin, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for the crash matrix")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _table(results: Sequence[Result], reasons: dict[str, int]) -> list[str]:
    rows = [f"| step | {' | '.join(Point)} |", f"|{'---|' * (len(Point) + 1)}"]
    for phase in dict.fromkeys(step.phase for step in STEPS):
        rows.append(f"| **{phase}** |{' |' * len(Point)}")
        for steps in _rows_of(phase):
            shown = [_shown(steps, point, results, reasons) for point in Point]
            rows.append(f"| `{steps[0].work}` | {' | '.join(shown)} |")
    return rows


def _rows_of(phase: str) -> list[list[Step]]:
    """The steps of a phase; work that is walked through in two ways is one row."""
    rows: dict[str, list[Step]] = {}
    for step in STEPS:
        if step.phase == phase:
            rows.setdefault(step.work, []).append(step)
    return list(rows.values())


def _reasons() -> dict[str, int]:
    """Every reason against a point of a row, numbered in the order in which the table needs them."""
    phases = dict.fromkeys(step.phase for step in STEPS)
    rows = [row for phase in phases for row in _rows_of(phase)]
    found = dict.fromkeys(reason for row in rows for point in Point if (reason := _reason(row, point)))
    return {reason: number for number, reason in enumerate(found, 1)}


def _reason(row: Sequence[Step], point: Point) -> str:
    """Why none of the steps of a row has this point; empty when one has."""
    reasons = [step.reason_against(point) for step in row]
    return reasons[0] if all(reasons) else ""


def _shown(row: Sequence[Step], point: Point, results: Sequence[Result], reasons: dict[str, int]) -> str:
    reason = _reason(row, point)
    if reason:
        return f"({reasons[reason]})"
    cells = [cell for step in row for cell in step.cells() if cell.point is point]
    known = {result.cell: result for result in results}
    outcomes = Counter(_outcome(known.get(cell)) for cell in cells)
    return "; ".join(f"{word}{f' x {number}' if number > 1 else ''}" for word, number in outcomes.items())


def _outcome(result: Result | None) -> str:
    return FAILED if result is None or result.problem else result.outcome


def _outside() -> list[str]:
    """Reasons with the work that they keep out of the table."""
    works: dict[str, list[str]] = {}
    for work, reason in OUTSIDE.items():
        works.setdefault(reason, []).append(f"`{work}`")
    return [f"- {', '.join(names)}: {reason}" for reason, names in works.items()]
