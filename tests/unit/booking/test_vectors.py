"""The slot engine gives the expected answer to every conformance vector."""

import json
from pathlib import Path

import pytest

from tests.vectors import engine
from tests.vectors.__main__ import FOLDER


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_the_engine_gives_the_expected_answers(path: Path) -> None:
    """promise C1, rules T1, T2, T3, T4, T6, T8, T9, T10, T11, T12, promise C7: as two others reckon them."""
    content = json.loads(path.read_text(encoding="utf-8"))
    wrong = [
        case["name"]
        for case in content["cases"]
        if engine.answer({**content["given"], **case["given"]}) != case["expected"]
    ]
    assert not wrong
