"""`make test`: every test, in as many pytest processes as they need, on an instance of their own."""

from __future__ import annotations

import os
import subprocess
import threading
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.demo import load_demo_data
from deploy.local.failure import LaunchError
from deploy.local.instance import ROOT
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from deploy.local.setup.environments import OURS
from deploy.local.stack import Stack

INSTANCE = "test"
_REPORTS = ROOT / ".run" / "test-reports"


@dataclass(frozen=True)
class Part:
    """Tests that share a pytest process. Those that eventlet patches need one of their own."""

    name: str
    arguments: tuple[str, ...]


_WITHOUT_STACK = Part("unit", ("tests/unit", "tests/contract"))
_WITH_STACK = (
    Part("worker", ("tests/integration/worker",)),
    Part("stack", ("tests/integration", "tests/journey", "--ignore=tests/integration/worker")),
)


def run_tests(arguments: Sequence[str], progress: Progress) -> int:
    """Run all tests, or what `arguments` say to pytest; 0 when every part passed.

    The last line sums all parts up in the form of pytest's closing line.
    """
    stack = Stack(INSTANCE, progress=progress)
    prepare(stack.instance, os.environ, progress)
    if arguments:
        return _pytest(Part("chosen", tuple(arguments)))
    starting = _StartInBackground(stack, progress)
    codes = [_pytest(_WITHOUT_STACK)]
    try:
        starting.wait()
        codes += [_pytest(part) for part in _WITH_STACK if _exists(part)]
    finally:
        with progress.step("stopping the instance of the tests"):
            stack.stop()
    print(closing_line(sum((_counts(path) for path in _REPORTS.glob("*.xml")), Counter())), flush=True)
    return max(codes)


def closing_line(counts: Counter[str]) -> str:
    """Sum of all parts, as pytest closes: `= 3 failed, 812 passed, 1 skipped in 301.12s =`."""
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    numbers = {
        "failed": counts["failures"],
        "passed": passed,
        "skipped": counts["skipped"],
        "error": counts["errors"],
    }
    text = ", ".join(f"{number} {word}" for word, number in numbers.items() if number)
    return f" {text or 'no tests ran'} in {counts['milliseconds'] / 1000:.2f}s ".center(80, "=")


class _StartInBackground:
    """Starts the stack with demo data while the tests that need none run."""

    def __init__(self, stack: Stack, progress: Progress) -> None:
        self._stack = stack
        self._progress = progress
        self._error: LaunchError | None = None
        self._thread = threading.Thread(target=self._run, name="stack")
        self._thread.start()

    def wait(self) -> None:
        """Return when the stack is up. Raises LaunchError when it isn't going to be."""
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._stack.start(is_fresh=True)
            load_demo_data(self._stack, self._progress)
        except LaunchError as error:
            self._error = error


def _exists(part: Part) -> bool:
    return any((ROOT / argument).exists() for argument in part.arguments)


def _pytest(part: Part) -> int:
    report = _REPORTS / f"{part.name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    arguments = [item for item in part.arguments if item.startswith("-") or not _is_missing_folder(item)]
    return subprocess.run(
        [
            *(str(OURS.python), "-m", "pytest", f"--junitxml={report}"),
            # Two clones of one user would clear each other's folders in the common place.
            f"--basetemp={_REPORTS / part.name}",
            *arguments,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONTZPATH": ""},
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode


def _is_missing_folder(argument: str) -> bool:
    return argument.startswith("tests/") and "::" not in argument and not (ROOT / argument).exists()


def _counts(report: Path) -> Counter[str]:
    """Numbers of one report in JUnit's form, which pytest writes."""
    counts: Counter[str] = Counter()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 (our own file)
        for name in ("tests", "failures", "errors", "skipped"):
            counts[name] += int(suite.get(name, "0"))
        counts["milliseconds"] += int(float(suite.get("time", "0")) * 1000)
    return counts
