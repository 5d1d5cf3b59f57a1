"""`make test`: every test, in as many pytest processes as they need, on an instance of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from queue import SimpleQueue

from deploy.local.demo import load_demo_data
from deploy.local.failure import LaunchError
from deploy.local.instance import ROOT, Instance
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from deploy.local.setup.environments import OURS
from deploy.local.setup.packages import FOR_TESTS
from deploy.local.stack import Stack
from deploy.local.test_parts import Needs, Part, at_the_end, beside_each_other, needs_stack
from deploy.local.variables import request_record

# Several runs in one clone beside each other take names of their own; they begin with `test`.
INSTANCE = os.environ.get("TEST_INSTANCE", "test")
_REPORTS = Instance(INSTANCE).folder / "reports"
_REQUESTS = request_record(Instance(INSTANCE))

# So many parts run at the same time, since tests wait a lot. Each has a virtual host: tests that speak to the
# broker themselves do so apart from the services that run and from each other.
_VIRTUAL_HOSTS = ("tests-1", "tests-2", "tests-3", "tests-4")
_SIGN_OF_LIFE_SECONDS = 30.0  # of each part


def run_tests(arguments: Sequence[str], progress: Progress) -> int:
    """Run all tests, or what `arguments` say to pytest; 0 when every part passed.

    The last line sums all parts up in the form of pytest's closing line, with the seconds of the whole.
    """
    began = time.monotonic()
    stack = Stack(INSTANCE, progress=progress)
    prepare(stack.instance, os.environ, progress, FOR_TESTS)
    shutil.rmtree(_REPORTS, ignore_errors=True)
    _REPORTS.mkdir(parents=True)
    _REQUESTS.unlink(missing_ok=True)
    if not arguments:
        codes = _run_groups(stack, progress, [beside_each_other(), at_the_end()])
    elif needs_stack(arguments):
        codes = _run_groups(stack, progress, [[Part("chosen", tuple(arguments), Needs.STACK)]])
    else:
        codes = [_pytest(Part("chosen", tuple(arguments), Needs.NOTHING), {})]
    codes.append(_check_requests())
    counts = sum((_counts(path) for path in _REPORTS.glob("*.xml")), Counter[str]())
    print(closing_line(counts, time.monotonic() - began), flush=True)
    return max(codes)


def _run_groups(stack: Stack, progress: Progress, groups: Sequence[Sequence[Part]]) -> list[int]:
    """Run one group after the other while the stack starts and on it, the parts of a group beside each
    other; every exit code of pytest."""
    starting = _StartInBackground(stack, progress)
    try:
        codes: list[int] = []
        for group in groups:
            codes += _at_the_same_time(stack, starting, progress, group)
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


def closing_line(counts: Counter[str], seconds: float) -> str:
    """Sum of all parts, as pytest closes: `= 3 failed, 812 passed, 1 skipped in 301.12s =`."""
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    numbers = {
        "failed": counts["failures"],
        "passed": passed,
        "skipped": counts["skipped"],
        "error": counts["errors"],
    }
    text = ", ".join(f"{number} {word}" for word, number in numbers.items() if number)
    return f" {text or 'no tests ran'} in {seconds:.2f}s ".center(80, "=")


class _StartInBackground:
    """Starts the stack with demo data while the tests that need none run, or only its servers."""

    def __init__(self, stack: Stack, progress: Progress) -> None:
        self._stack = stack
        self._progress = progress
        self._error: LaunchError | None = None
        self._servers_are_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stack")
        self._thread.start()

    def wait(self, needs: Needs) -> None:
        """Return when that is there. Raises LaunchError when it isn't going to be."""
        if needs is Needs.SERVERS:
            self._servers_are_up.wait()
        elif needs is Needs.STACK:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def wait_quietly(self) -> None:
        """Return when the stack is up, or is not going to be."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._stack.start(is_fresh=True, on_servers=self._tell_of_servers)
            load_demo_data(self._stack, self._progress)
        except LaunchError as error:
            self._error = error
        finally:
            self._servers_are_up.set()  # or never will be, which nobody shall wait for

    def _tell_of_servers(self) -> None:
        self._stack.add_virtual_hosts(*_VIRTUAL_HOSTS)
        self._servers_are_up.set()


def _at_the_same_time(
    stack: Stack, starting: _StartInBackground, progress: Progress, parts: Sequence[Part]
) -> list[int]:
    """Run parts beside each other, in their order as lanes become free; what each says comes in one piece."""
    lanes: SimpleQueue[str] = SimpleQueue()
    for virtual_host in _VIRTUAL_HOSTS:
        lanes.put(virtual_host)

    def run(part: Part) -> int:
        virtual_host = lanes.get()
        try:
            if part.needs is not Needs.NOTHING:
                starting.wait(part.needs)
            if len(parts) == 1:
                return _pytest(part, _addresses(stack, virtual_host))
            with progress.step(f"tests: {part.name}", _said_by(part), every_seconds=_SIGN_OF_LIFE_SECONDS):
                addresses = {} if part.needs is Needs.NOTHING else _addresses(stack, virtual_host)
                code = _pytest(part, addresses, _said_by(part))
            progress.say(_said_by(part).read_text(encoding="utf-8", errors="replace"))
            return code
        finally:
            lanes.put(virtual_host)

    with ThreadPoolExecutor(len(_VIRTUAL_HOSTS)) as pool:
        return list(pool.map(run, parts))


def _said_by(part: Part) -> Path:
    return _REPORTS / f"{part.name}.txt"


def _pytest(part: Part, addresses: Mapping[str, str], said: Path | None = None) -> int:
    """Run pytest; its exit code. What it says goes to the file, or to who ran us."""
    with said.open("wb") if said else nullcontext() as output:
        return subprocess.run(
            [
                *(str(OURS.python), "-m", "pytest", f"--junitxml={_REPORTS / f'{part.name}.xml'}"),
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
    return counts
