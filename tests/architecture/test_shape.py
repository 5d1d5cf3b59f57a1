"""Sizes, names and first lines: what keeps the house easy to read."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, SERVICES, SourceFile, all_files, shipped_files

FILE_LINES = 250
SERVICE_LINES = 200
FUNCTION_LINES = 40
FUNCTION_PARAMETERS = 6
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "stuff", "base"}
SERVICE_FOLDERS = {"doors", "domain", "usecases", "store", "clients", "documents", "migrations"}
GATEWAY_FOLDERS = {"accounts", "audit", "routes", "realtime", "web", "migrations"}


def _functions(file: SourceFile) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_migration(file: SourceFile) -> bool:
    return "/migrations/versions/" in file.name


def test_a_file_has_one_subject() -> None:
    too_long = [
        f"{file.name}: {len(file.lines)} lines"
        for file in shipped_files()
        if len(file.lines) > (SERVICE_LINES if file.path.name == "service.py" else FILE_LINES)
        and not _is_migration(file)
    ]
    assert not too_long


def test_a_function_reads_top_to_bottom() -> None:
    too_long = [
        f"{file.name}:{function.lineno} {function.name}"
        for file in shipped_files()
        if not _is_migration(file)
        for function in _functions(file)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
    ]
    assert not too_long


def test_a_function_takes_few_parameters() -> None:
    too_many = [
        f"{file.name}:{function.lineno} {function.name}"
        for file in shipped_files()
        for function in _functions(file)
        if len(function.args.posonlyargs + function.args.args) > FUNCTION_PARAMETERS
    ]
    assert not too_many


def test_every_module_says_why_it_exists() -> None:
    silent = [
        file.name
        for file in all_files()
        if file.lines and not ast.get_docstring(file.tree) and file.path.name != "conftest.py"
    ]
    assert not silent


def test_files_are_named_after_their_subject() -> None:
    vague = [file.name for file in all_files() if FORBIDDEN_NAMES & set(file.path.with_suffix("").parts)]
    assert not vague


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_built_alike(service: str) -> None:
    folder = ROOT / "services" / service
    allowed = GATEWAY_FOLDERS if service == "gateway" else SERVICE_FOLDERS
    folders = {
        path.name
        for path in folder.iterdir()
        if path.is_dir() and path.name != "__pycache__" and any(path.rglob("*.py"))
    }
    assert folders <= allowed
    for name in ("README.md", "settings.py", "requirements.in", "requirements.txt"):
        assert (folder / name).is_file(), f"{service} has no {name}"


def test_nothing_is_left_for_later() -> None:
    """Unfinished work is done or said in a closing note, not left in a comment."""
    pattern = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b|\bNotImplementedError\b")
    left = [
        f"{file.name}:{number}"
        for file in all_files()
        if file.path.parts[:2] != ("tests", "architecture")
        for number, line in enumerate(file.lines, 1)
        if pattern.search(line)
    ]
    assert not left
