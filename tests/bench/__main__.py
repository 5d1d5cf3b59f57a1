"""Measures the platform beside bare floors and prints the table: `python -m tests.bench`.

Figures, no pass or fail: 0 whenever everything was measured, whatever the figures are.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.instance import ROOT, Instance
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from tests.bench import growth, mixed, processes, reading, telling, writing
from tests.bench.bench import Bench
from tests.bench.document import write_document
from tests.bench.machine import commit, machine
from tests.bench.plot import plot
from tests.bench.rows import Row
from tests.bench.stage import measured_stack
from tests.bench.table import costs, table, wrong_answers

INSTANCE = "bench"
GROUPS: dict[str, Callable[[Bench], list[Row]]] = {
    "processes": processes.processes,
    "cached": reading.cached,
    "uncached": reading.uncached,
    "booking": writing.booking,
    "paying": writing.paying,
    "mixed": mixed.mixed,
    "telling": telling.telling,
    "history": growth.bookings,
    "workers": growth.worker_processes,
    "providers": growth.providers,
}
"""In this order: what changes the market for good comes last."""


def main(arguments: list[str]) -> int:
    """Measure the chosen groups, print the table, write it as JSON and as a picture."""
    options = _parser().parse_args(arguments)
    progress = Progress()
    instance = Instance(options.instance)
    prepare(instance, os.environ, progress)
    facts: dict[str, object] = {"commit": commit(), "machine": machine()}
    rows: list[Row] = []
    with measured_stack(options.instance, progress, is_kept=options.keep) as stack:
        bench = Bench(stack, progress, options.rounds, options.seconds)
        for name in options.groups or GROUPS:
            with progress.step(f"measuring: {name}"):
                rows += GROUPS[name](bench)
                _write(rows, facts, instance.folder / "latest.json")
                bench.put_holds_away()
    _picture(rows, facts, instance.folder / "latest.png")
    if options.document:
        write_document(rows, facts)
    sys.stdout.write(f"\n{table(rows)}\n\n")
    sys.stdout.writelines(f"CPU ms of one answer, {line}\n" for line in costs(rows))
    sys.stdout.writelines(f"wrong answers: {line}\n" for line in wrong_answers(rows))
    return 0


def _write(rows: list[Row], facts: dict[str, object], path: Path) -> None:
    document = {**facts, "rows": [row.as_json() for row in rows]}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _picture(rows: list[Row], facts: dict[str, object], path: Path) -> None:
    plot(rows, path, f"commit {facts['commit']}, {os.cpu_count()} cores")
    sys.stdout.write(f"\nwritten: {path.relative_to(ROOT)} and latest.json beside it\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--instance", default=INSTANCE)
    parser.add_argument("--rounds", type=int, default=5, help="of each row; the median counts")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument(
        "--keep", action="store_true", help="use the stack of the last such run again, and leave it running"
    )
    parser.add_argument("--document", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help="all by default")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
