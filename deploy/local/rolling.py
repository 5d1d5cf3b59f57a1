"""`make rolling`: every process of the services replaced by a new one while customers go on."""

from __future__ import annotations

import os
import subprocess

from deploy.local.demo import load_demo_data
from deploy.local.preparation import prepare
from deploy.local.progress import Progress
from deploy.local.setup.environments import OURS
from deploy.local.stack import Stack


def run_rolling(name: str, options: list[str], progress: Progress) -> int:
    """Bring the instance up with demo data and run; 0 when no request failed and nothing was lost."""
    stack = Stack(name, progress=progress)
    prepare(stack.instance, os.environ, progress)
    stack.start()
    load_demo_data(stack, progress)
    report = stack.instance.folder / "rolling.json"
    command = [str(OURS.python), "-m", "tests.rolling", "--instance", name, "--report", str(report)]
    return subprocess.run(
        [*command, *options],
        cwd=stack.instance.root,
        env={**os.environ, "PYTHONTZPATH": ""},
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
