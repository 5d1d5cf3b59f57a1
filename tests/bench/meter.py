"""Processor time by process, while something is asked: what a request costs, and whom.

It says the same on a busy machine, where rates say how much others left.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.bench.answers import Answers

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
GENERATOR, FLOOR = "generator", "floor"


class Meter:
    """Of the processes whose numbers `roots` tells by name, their children included; of who asks; and of
    the floors, which are children of who asks."""

    def __init__(self, roots: Callable[[], Mapping[str, int]], settle: Callable[[], None]) -> None:
        self._roots = roots
        self._settle = settle

    def around(self, ask: Callable[[], Answers]) -> Answers:
        """What `ask` answers, with the seconds of each until all that it caused is done."""
        roots = self._roots()
        before = _by_name(roots)
        answers = ask()
        self._settle()
        after = _by_name(roots)
        for name, spent in after.items():
            gone = sum(ticks - before[name].get(pid, 0) for pid, ticks in spent.items())
            answers.cpu_seconds[name] = gone / TICK
        return answers


def unmetered(ask: Callable[[], Answers]) -> Answers:
    """Without processor times."""
    return ask()


def family(pid: int) -> list[int]:
    """The process, its children and theirs."""
    found = [pid]
    for one in found:
        for task in (PROC / str(one) / "task").glob("*/children"):
            with suppress(OSError):  # it has ended meanwhile
                found += [int(child) for child in task.read_text().split()]
    return found


def spent(pids: list[int]) -> dict[int, int]:
    """Clock ticks in user and system mode by process; one that has ended meanwhile is left out."""
    found = {}
    for pid in pids:
        with suppress(OSError):
            after_name = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            found[pid] = int(after_name[11]) + int(after_name[12])
    return found


def _by_name(roots: Mapping[str, int]) -> dict[str, dict[int, int]]:
    families = {name: family(pid) for name, pid in roots.items()}
    named = {pid for members in families.values() for pid in members}
    own, *others = family(os.getpid())
    # The stack itself is a child of ours when this run has started it.
    families |= {GENERATOR: [own], FLOOR: [pid for pid in others if pid not in named]}
    return {name: spent(members) for name, members in families.items()}
