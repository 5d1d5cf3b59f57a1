"""What can be set, asked, refused or measured is documented, and what is documented is there."""

import ast
import dataclasses
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from deploy.local.setup.example_environment import settings_of
from services.gateway.problems import CODE_OF_STATUS, STATUS
from shared.errors import Category
from shared.settings import WorkerSettings
from tests.architecture.source import ROOT, SERVICES, production_files

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ERROR_ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \|", re.MULTILINE)
HELPED = re.compile(r"^([a-z-]+):.*## \S", re.MULTILINE)
WITHOUT_HELP = {"environment", "prepared"}
"""Targets that others depend on and nobody types."""


def _documents() -> list[Path]:
    return [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *_below("docs"),
        *_below("services"),
        *_below("deploy"),
        *_below("tests"),
    ]


def _below(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.md"))


def _targets(document: Path) -> Iterator[tuple[str, Path]]:
    """Every link to a place of ours, as written and as the file that it names."""
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in link and not link.startswith("#"):
            yield link, (document.parent / unquote(link.partition("#")[0])).resolve()


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in _documents()
        for link, target in _targets(document)
        if not target.exists()
    ]
    assert not broken


def test_every_document_is_found_from_the_readme() -> None:
    reached, left = {ROOT / "README.md"}, [ROOT / "README.md"]
    while left:
        for _, target in _targets(left.pop()):
            if target.suffix == ".md" and target not in reached:
                reached.add(target)
                left.append(target)
    assert {path.relative_to(ROOT) for path in _documents()} == {path.relative_to(ROOT) for path in reached}


def _declared_codes() -> Iterator[tuple[str, int]]:
    """Code and status of each `ErrorCode("code", Category.X, ...)`, and of what the framework refuses."""
    for file in production_files():
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ErrorCode":
                code, category = node.args[:2]
                assert isinstance(code, ast.Constant)
                assert isinstance(category, ast.Attribute)
                yield str(code.value), int(STATUS[Category[category.attr]])
    for status, name in CODE_OF_STATUS.items():
        yield name, status


def test_every_error_code_is_documented_with_its_status() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    documented = [(code, int(status)) for code, status in ERROR_ROW.findall(text)]
    assert sorted(documented) == sorted(set(_declared_codes()))


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_its_own_is_in_a_service_s_readme(service: str) -> None:
    """What every worker reads is explained in .env.example, which `make env` writes."""
    shared = set() if service == "gateway" else {field.name for field in dataclasses.fields(WorkerSettings)}
    text = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    missing = [
        field.metadata["name"]
        for field in dataclasses.fields(settings_of(service))
        if field.name not in shared and field.metadata["name"] not in text
    ]
    assert not missing


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_is_read(service: str) -> None:
    texts = "\n".join(
        line
        for file in production_files()
        if file.path.parts[0] == "shared" or file.path.parts[1] == service
        for line in file.lines
    )
    unread = [
        field.name
        for field in dataclasses.fields(settings_of(service))
        if not re.search(rf"\.{field.name}\b", texts)
    ]
    assert not unread


def test_every_metric_is_measured() -> None:
    tree = next(file.tree for file in production_files() if file.name == "shared/telemetry/metrics.py")
    declared = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    used = {
        node.attr
        for file in production_files()
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "metrics"
    }
    assert declared == used


def test_every_make_target_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert declared
    assert set(declared[1].split()) - WITHOUT_HELP == set(HELPED.findall(text))


def test_every_command_in_a_document_is_there() -> None:
    targets = set(HELPED.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    wrong = []
    for document in _documents():
        text = document.read_text(encoding="utf-8")
        code = "\n".join(re.findall(r"`[^`]+`|^make .*$", text, re.MULTILINE))
        wrong += [name for name in re.findall(r"\bmake ([a-z-]+)", code) if name not in targets]
        wrong += [
            module
            for module in re.findall(r"python -m ([a-z_.]+)", code)
            if importlib.util.find_spec(module) is None
        ]
    assert not wrong


def test_every_place_that_a_promise_names_is_there() -> None:
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    named = [
        place.strip()
        for places in re.findall(r"\(([\w/.*, -]+)\)$", text, re.MULTILINE)
        for place in places.split(",")
    ]
    assert len(named) > 50
    assert not [place for place in named if not list(ROOT.glob(place))]
