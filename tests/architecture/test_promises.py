"""docs/promises.md states every promise and rule that is kept, and only those."""

import re
from pathlib import Path

from tests.architecture.source import ROOT

REFERENCE = re.compile(r"\b(promise|rule) ((?:[A-J]|[TCMWB])\d{1,2})\b")
LISTS = re.compile(r"\b(promises|rules) ((?:[A-Z]\d{1,2}(?:, | and )?)+)")
STATED = re.compile(r"^- (promise|rule) ([A-Z]\d{1,2}): (.+)$", re.MULTILINE)
PROMISES = ROOT / "docs" / "promises.md"


def _read() -> dict[str, str]:
    return {f"{kind} {number}": text for kind, number, text in STATED.findall(PROMISES.read_text("utf-8"))}


def _used(folders: tuple[str, ...]) -> dict[str, str]:
    """Every id that code or tests name, with one place where it stands."""
    used: dict[str, str] = {}
    for path in _files(folders):
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(ROOT).as_posix()
        for kind, number in REFERENCE.findall(text):
            used.setdefault(f"{kind} {number}", place)
        for kinds, numbers in LISTS.findall(text):
            for number in re.findall(r"[A-Z]\d{1,2}", numbers):
                used.setdefault(f"{kinds[:-1]} {number}", place)
    return used


def _files(folders: tuple[str, ...]) -> list[Path]:
    return [
        path
        for folder in folders
        for pattern in ("*.py", "*.md")
        for path in sorted((ROOT / folder).rglob(pattern))
        if path != PROMISES and path.parent != ROOT / "tests" / "architecture"
    ]


def test_what_is_used_is_stated() -> None:
    unstated = {
        name: place
        for name, place in _used(("shared", "services", "tests", "deploy")).items()
        if name not in _read()
    }
    assert not unstated


def test_what_is_stated_is_tested() -> None:
    untested = set(_read()) - set(_used(("tests",)))
    assert not untested


def test_each_is_stated_once() -> None:
    ids = [f"{kind} {number}" for kind, number, _ in STATED.findall(PROMISES.read_text("utf-8"))]
    assert len(ids) == len(set(ids))
