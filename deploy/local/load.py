"""`make load`: people use the stack for some minutes; locust shows it and writes a report."""

from __future__ import annotations

import argparse
import os
import subprocess
from datetime import UTC, datetime

from deploy.local.demo import load_demo_data
from deploy.local.demo_data.documents import documents
from deploy.local.demo_data.load_accounts import owners
from deploy.local.ports import free_port
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from deploy.local.setup.environments import LOAD, make_environment
from deploy.local.stack import Stack
from deploy.local.variables import base_environment

SCENARIOS = {
    "visitor": ("Visitor",),
    "customer": ("Customer",),
    "provider": ("Provider",),
    "mixed": ("Visitor", "Customer", "Provider"),
}
_NEW_PEOPLE_A_SECOND = 4
"""Each opens an account, whose password takes a tenth of a second to hash."""


def run_load(name: str, arguments: list[str], progress: Progress) -> int:
    """Bring the instance up and run; 0 when no request failed, 1 when one did."""
    options = _parser().parse_args(arguments)
    stack = Stack(name, progress=progress)
    prepare(stack.instance, os.environ, progress)
    make_environment(LOAD, progress, stack.instance.log("pip-load"))
    try:
        stack.start()
        content = documents()
        content["accounts.json"]["accounts"] += owners()
        load_demo_data(stack, progress, content)
        return _run_locust(stack, options, progress)
    finally:
        with progress.step(f"stopping the instance {name}"):
            stack.stop()


def _run_locust(stack: Stack, options: argparse.Namespace, progress: Progress) -> int:
    folder = stack.instance.folder / "load"
    folder.mkdir(exist_ok=True)
    report = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}.html"
    port = free_port(stack.instance)
    command = [
        *(str(LOAD.python), "-m", "locust", "-f", "tests/load/locustfile.py", *SCENARIOS[options.scenario]),
        *("--host", stack.url, "--users", str(options.users), "--spawn-rate", str(_NEW_PEOPLE_A_SECOND)),
        *("--run-time", f"{options.minutes * 60:.0f}s", "--stop-timeout", "20", "--html", str(report)),
        *("--csv", str(report.with_suffix("")), "--only-summary", "--exit-code-on-error", "1"),
        # The page shows the run while it lasts and ends with it.
        *("--autostart", "--autoquit", "1", "--web-host", "127.0.0.1", "--web-port", str(port)),
    ]
    progress.say(f"live page: http://127.0.0.1:{port}")
    code = subprocess.run(
        command,
        cwd=stack.instance.root,
        env=base_environment(stack.wiring, "load"),
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
    progress.say(f"report: {report.relative_to(stack.instance.root)}")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make load")
    parser.add_argument("--users", type=int, default=200, help="people at once")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--scenario", choices=SCENARIOS, default="mixed")
    return parser
