"""`make test` starts servers only for tests that need them, and closes like pytest itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from deploy.local.instance import ROOT
from deploy.local.test_parts import Needs, Part, at_the_end, beside_each_other, needs_stack
from deploy.local.testing import closing_line


def test_all_parts_are_summed_up() -> None:
    counts = Counter(tests=820, failures=3, errors=1, skipped=2)
    assert closing_line(counts, 61.5).strip("= ") == "3 failed, 814 passed, 2 skipped, 1 error in 61.50s"


def test_no_tests_is_said() -> None:
    assert "no tests ran" in closing_line(Counter(), 0.0)


def test_only_tests_that_need_servers_get_them() -> None:
    assert not needs_stack(["tests/unit/booking", "-k", "slots"])
    assert needs_stack(["tests/integration/booking"])
    assert needs_stack(["tests/unit", "tests/journey"])
    assert needs_stack(["-k", "slots"])


def test_every_test_is_run_once() -> None:
    """Whatever is added is in one of the parts; style and shape are part of `make lint`."""
    run = Counter(path for part in (*beside_each_other(), *at_the_end()) for path in _files(part))
    linted = [ROOT / "tests" / name for name in ("architecture", "policy")]
    there = [path for path in (ROOT / "tests").rglob("test_*.py") if not _is_below(path, linted)]
    assert len(there) > 100
    assert run == Counter(there)


def test_who_stops_a_server_of_all_comes_at_the_end() -> None:
    stops = re.compile(r"stack\.(stop|start)_server\(")
    found = {path for part in beside_each_other() for path in _files(part) if stops.search(path.read_text())}
    assert found == set()
    assert any(stops.search(path.read_text()) for part in at_the_end() for path in _files(part))


def test_who_begins_with_the_servers_asks_for_no_stack() -> None:
    asks = re.compile(r"\bstack: Stack\b")
    begin = {needs: [part for part in beside_each_other() if part.needs is needs] for needs in Needs}
    assert not [
        path for part in begin[Needs.SERVERS] for path in _code(part) if asks.search(path.read_text())
    ]
    for part in begin[Needs.STACK]:
        assert any(asks.search(path.read_text()) for path in _code(part))


def _code(part: Part) -> Iterator[Path]:
    """All of its folders, with what its tests are given."""
    for place in (ROOT / word for word in part.arguments if not word.startswith("-")):
        yield from place.rglob("*.py")


def _files(part: Part) -> Iterator[Path]:
    left_out = [ROOT / word.removeprefix("--ignore=") for word in part.arguments if word.startswith("-")]
    for place in (ROOT / word for word in part.arguments if not word.startswith("-")):
        found = [place] if place.is_file() else place.rglob("test_*.py")
        yield from (path for path in found if not _is_below(path, left_out))


def _is_below(path: Path, places: list[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)
