"""On what and of what the figures are."""

import os
import platform
import subprocess
from pathlib import Path

from deploy.local.instance import ROOT


def machine() -> dict[str, object]:
    """Processor, cores, memory, system, and what else ran as the run began."""
    return {
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
    }


def commit() -> str:
    """The commit that was measured; marked when files differ from it."""
    number = _git("rev-parse", "--short=12", "HEAD")
    return f"{number}, with changes" if _git("status", "--porcelain", "--untracked-files=no") else number


def _first(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _git(*arguments: str) -> str:
    result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip()
