"""How a fault is planted: texts replaced in a copy of the code, statements given to a database."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.instance import ROOT

CODE = ("deploy", "services", "shared")
LINKED = (".venv", ".standin")
"""Environments hold no code of ours."""


class PlaceIsGoneError(Exception):
    """What a plant replaces is not there, or not there once: the plant must follow the code."""


@dataclass(frozen=True)
class Edit:
    """In the file `path` the text `before`, which stands there once, becomes `after`."""

    path: str
    before: str
    after: str

    def applied_to(self, text: str) -> str:
        """The file's text with the edit. Raises PlaceIsGoneError."""
        times = text.count(self.before)
        if times != 1:
            raise PlaceIsGoneError(f"{self.path} has this {times} times instead of once:\n{self.before}")
        return text.replace(self.before, self.after)


@dataclass(frozen=True)
class Statement:
    """What the superuser tells a service's database; it fails when what it changes is not there."""

    service: str
    sql: str


def copy_code(folder: Path) -> None:
    """Make the folder a copy of the code that can be edited and run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in CODE:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)


def plant(folder: Path, edits: Iterable[Edit]) -> None:
    """Apply edits to the copy in `folder`. Raises PlaceIsGoneError."""
    for edit in edits:
        path = folder / edit.path
        path.write_text(edit.applied_to(path.read_text(encoding="utf-8")), encoding="utf-8")


def weed(folder: Path, edits: Iterable[Edit]) -> None:
    """Make the edited files what they are in our own code again."""
    for edit in edits:
        shutil.copyfile(ROOT / edit.path, folder / edit.path)
