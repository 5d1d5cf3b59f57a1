"""The conformance vectors are what they say they are, whatever the slot engine answers to them."""

import ast
import json
from collections import Counter
from typing import Any

import pytest
import tzdata

from tests.vectors.__main__ import FOLDER
from tests.vectors.generated import FORMAT, generated_texts
from tests.vectors.reckoning import Reckoning
from tests.vectors.subjects import PLAIN
from tests.vectors.writing import text_of

FILES = sorted(path.name for path in FOLDER.glob("*.json"))
BY_HAND = [name for name in FILES if name.startswith("by-hand-")]
CASES_BY_HAND = 10
Case = dict[str, Any]


def _file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content


def _cases(name: str) -> list[tuple[str, Case, Case]]:
    content = _file(name)
    return [
        (case["name"], {**content["given"], **case["given"]}, case["expected"]) for case in content["cases"]
    ]


@pytest.mark.parametrize("name", BY_HAND)
def test_what_was_typed_by_hand_is_what_is_reckoned(name: str) -> None:
    """A person and the library agree: neither is taken at its word."""
    wrong = [case for case, given, expected in _cases(name) if Reckoning(given).expected() != expected]
    assert not wrong


def test_the_generated_files_are_those_of_the_generator() -> None:
    """After a change, or with other zone data: make vectors."""
    texts = generated_texts()
    kept = {name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES if name not in BY_HAND}
    assert kept.keys() == texts.keys()
    assert [name for name in kept if kept[name] != texts[name]] == []


def test_the_generator_knows_nothing_of_the_engine() -> None:
    """What reckons the vectors imports the standard library, whenever, the zone data, and itself."""
    folder = FOLDER.parent
    allowed = {"collections", "dataclasses", "functools", "json", "math", "typing", "tzdata", "whenever"}
    for name in (
        "reckoning",
        "subjects",
        "clock_subjects",
        "supply_subjects",
        "way_subjects",
        "ways",
        "generated",
        "writing",
    ):
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        imported = {
            node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        foreign = {module for module in imported if module.partition(".")[0] not in allowed}
        assert foreign <= {
            f"tests.vectors.{own}"
            for own in (
                "reckoning",
                "subjects",
                "clock_subjects",
                "supply_subjects",
                "way_subjects",
                "ways",
                "writing",
            )
        }


@pytest.mark.parametrize("name", FILES)
def test_a_file_keeps_to_its_format(name: str) -> None:
    """Other projects read it by the README alone: every member is there, no name twice, one form."""
    content = _file(name)
    assert content["format"] == FORMAT
    assert content["made"] == ("by hand" if name in BY_HAND else "generated")
    assert name in BY_HAND or tzdata.IANA_VERSION in content["source"]
    assert content["given"].keys() == PLAIN.keys()
    assert all(case["given"].keys() <= PLAIN.keys() for case in content["cases"])
    twice = [case for case, count in Counter(case["name"] for case in content["cases"]).items() if count > 1]
    assert not twice
    if name in BY_HAND:
        assert len(content["cases"]) == CASES_BY_HAND
    assert (FOLDER / name).read_text(encoding="utf-8") == text_of(content)
