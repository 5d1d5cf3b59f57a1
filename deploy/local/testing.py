"""`make test`: every test, in as many pytest processes as they need, on an instance of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy.local.demo import load_demo_data
from deploy.local.failure import LaunchError
from deploy.local.instance import ROOT, Instance
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from deploy.local.setup.environments import OURS
from deploy.local.setup.packages import FOR_TESTS
from deploy.local.stack import Stack
from deploy.local.variables import request_record

# Several runs in one clone beside each other take names of their own; they begin with `test`.
INSTANCE = os.environ.get("TEST_INSTANCE", "test")
_REPORTS = Instance(INSTANCE).folder / "reports"
_REQUESTS = request_record(Instance(INSTANCE))

# Tests that need no server, by the beginning of their path.
_SERVERLESS = ("tests/unit", "tests/contract", "tests/architecture", "tests/policy")

# Tests that speak to the broker themselves do so apart from the services that run and from each other.
_VIRTUAL_HOSTS = ("tests-1", "tests-2", "tests-3", "tests-4")


@dataclass(frozen=True)
class Part:
    """Tests that share a pytest process. Those that eventlet patches need one of their own."""

    name: str
    arguments: tuple[str, ...]


_WITHOUT_STACK = Part("unit", ("tests/unit", "tests/contract"))

# These stop and start what all others use: each comes alone, and last.
_ALONE = ("local", "platform", "tracing")
_LAST = Part("stack", ("tests/journey", "tests/browser", *(f"tests/integration/{name}" for name in _ALONE)))

# On an instance of its own, whose servers it kills: alone too, since everything in it is timed.
_CHAOS = Part("chaos", ("tests/chaos",))

# Beside each other, of about equal length; what nobody lists joins the first.
_LISTED = (("booking", "gateway"), ("payment",), ("realtime", "search", "shared"))


def _beside_each_other() -> list[Part]:
    """Integration tests that share the servers and leave them alone, parted over processes."""
    folders = {path.name for path in (ROOT / "tests" / "integration").iterdir() if path.is_dir()}
    rest = sorted(folders.difference(_ALONE, *_LISTED, {"__pycache__"}))
    groups = (tuple(rest), *_LISTED)
    return [
        Part(f"integration-{number}", tuple(f"tests/integration/{name}" for name in group))
        for number, group in enumerate(groups, 1)
    ]


def run_tests(arguments: Sequence[str], progress: Progress) -> int:
    """Run all tests, or what `arguments` say to pytest; 0 when every part passed.

    The last line sums all parts up in the form of pytest's closing line.
    """
    stack = Stack(INSTANCE, progress=progress)
    prepare(stack.instance, os.environ, progress, FOR_TESTS)
    shutil.rmtree(_REPORTS, ignore_errors=True)
    _REQUESTS.unlink(missing_ok=True)
    if not arguments:
        codes = _run_parts(stack, progress, [_WITHOUT_STACK], [_beside_each_other(), [_LAST], [_CHAOS]])
    elif needs_stack(arguments):
        codes = _run_parts(stack, progress, [], [[Part("chosen", tuple(arguments))]])
    else:
        codes = [_pytest(Part("chosen", tuple(arguments)), {})]
    codes.append(_check_requests())
    print(closing_line(sum((_counts(path) for path in _REPORTS.glob("*.xml")), Counter())), flush=True)
    return max(codes)


def needs_stack(arguments: Sequence[str]) -> bool:
    """Whether pytest with these arguments may meet a test that needs servers."""
    paths = [argument for argument in arguments if argument.startswith("tests/")]
    return not paths or not all(path.startswith(_SERVERLESS) for path in paths)


def _run_parts(
    stack: Stack, progress: Progress, first: Sequence[Part], then: Sequence[Sequence[Part]]
) -> list[int]:
    """Run `first` while the stack starts, then on it one group after the other, the parts of a group at
    the same time; every exit code of pytest."""
    starting = _StartInBackground(stack, progress)
    try:
        codes = [_pytest(part, {}) for part in first]
        starting.wait()
        for group in then:
            codes += _at_the_same_time(stack, group)
        return codes
    finally:
        starting.wait_quietly()
        with progress.step("stopping the instance of the tests"):
            stack.stop()


def _addresses(stack: Stack, virtual_host: str) -> dict[str, str]:
    """Where tests find the servers themselves, apart from what the services use there."""
    return {
        "TEST_DATABASE_ADMIN_URL": stack.admin_database_url(None),
        "TEST_AMQP_URI": f"{stack.amqp_uri.removesuffix('/')}{virtual_host}",
        "TEST_REDIS_URL": stack.redis_url.removesuffix("/0") + "/1",
    }


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

    def wait_quietly(self) -> None:
        """Return when the stack is up, or is not going to be."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._stack.start(is_fresh=True)
            self._stack.add_virtual_hosts(*_VIRTUAL_HOSTS)
            load_demo_data(self._stack, self._progress)
        except LaunchError as error:
            self._error = error


def _at_the_same_time(stack: Stack, parts: Sequence[Part]) -> list[int]:
    """Run parts beside each other, each with a virtual host of its own; what each says comes in one piece."""
    if len(parts) == 1:
        return [_pytest(parts[0], _addresses(stack, _VIRTUAL_HOSTS[0]))]

    def run(part: Part, virtual_host: str) -> int:
        said = _REPORTS / f"{part.name}.txt"
        with said.open("wb") as output:
            code = _pytest(part, _addresses(stack, virtual_host), output)
        print(said.read_text(encoding="utf-8", errors="replace"), flush=True)
        return code

    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(run, parts, _VIRTUAL_HOSTS))


def _pytest(part: Part, addresses: Mapping[str, str], output: IO[bytes] | None = None) -> int:
    report = _REPORTS / f"{part.name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [
            *(str(OURS.python), "-m", "pytest", f"--junitxml={report}"),
            # Two clones of one user would clear each other's folders in the common place.
            f"--basetemp={_REPORTS / part.name}",
            *part.arguments,
        ],
        cwd=ROOT,
        env={**os.environ, **addresses, "TEST_STRIPE_REQUEST_RECORD": str(_REQUESTS), "PYTHONTZPATH": ""},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        check=False,
    ).returncode


def _check_requests() -> int:
    """Hold every request to Stripe that the run made, in tests and services, against Stripe's description."""
    command = [str(OURS.python), "-m", "tests.fixtures.stripe_requests", str(_REQUESTS)]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def _counts(report: Path) -> Counter[str]:
    """Numbers of one report in JUnit's form, which pytest writes."""
    counts: Counter[str] = Counter()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 (our own file)
        for name in ("tests", "failures", "errors", "skipped"):
            counts[name] += int(suite.get(name, "0"))
        counts["milliseconds"] += int(float(suite.get("time", "0")) * 1000)
    return counts
