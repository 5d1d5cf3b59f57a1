"""Named points at which a test lets this process die; only in the test profile can they be switched on."""

import os
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from shared.settings import Profile, SettingsError

ARMED, STRUCK, PASSED = "armed", "struck", "passed"
"""Files in the folder of fault points: where to die, who did (`struck.<pid>`), what was passed.

`passed` is written only when the test has made it; `armed` is gone with the one process that dies by it.
"""


class _Work:
    """What is being done here, under one or several names, and how often each point was passed in it."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self.counts: Counter[str] = Counter()


_folder: Path | None = None
_work: ContextVar[_Work | None] = ContextVar("fault_points_work", default=None)


def switch_on(folder: str, profile: Profile) -> None:
    """Watch the points of this process from now on; nothing when `folder` is empty.

    Raises SettingsError in any profile but that of tests.
    """
    global _folder
    if not folder:
        return
    if profile is not Profile.TEST:
        raise SettingsError("FAULT_POINTS is for the test profile only")
    _folder = Path(folder)


def is_switched_on() -> bool:
    """For a point whose condition costs something: ask for it only then."""
    return _folder is not None


@contextmanager
def doing(*names: str) -> Iterator[None]:
    """Say what is done in the block: points outside of any such block are not looked at."""
    if _folder is None:
        yield
        return
    token = _work.set(_Work(names))
    try:
        yield
    finally:
        _work.reset(token)


def fault_point(point: str) -> None:
    """A moment between two effects. Nothing happens here unless a test has switched fault points on."""
    if _folder is not None:
        _pass(_folder, point)


def line_of(work: str, point: str, number: int) -> str:
    """How a file names the `number`-th time, from 1, that `point` is passed within one `work`."""
    return f"{work} | {point} | {number}"


def _pass(folder: Path, point: str) -> None:
    work = _work.get()
    if work is None:
        return
    work.counts[point] += 1
    lines = [line_of(name, point, work.counts[point]) for name in work.names]
    _note(folder, lines)
    with suppress(FileNotFoundError):
        if (folder / ARMED).read_text(encoding="utf-8") in lines:
            # One process takes the order, whoever comes here at the same moment: it dies, once.
            (folder / ARMED).rename(folder / f"{STRUCK}.{os.getpid()}")
            os.kill(os.getpid(), signal.SIGKILL)


def _note(folder: Path, lines: list[str]) -> None:
    with suppress(FileNotFoundError):
        descriptor = os.open(folder / PASSED, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        finally:
            os.close(descriptor)
