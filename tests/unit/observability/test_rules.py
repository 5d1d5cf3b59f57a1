"""promtool reads configuration and rules, and shows each alert firing and silent."""

import subprocess
from pathlib import Path

import pytest

from tests.fixtures.observability import PROMETHEUS

TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


def promtool(*arguments: str | Path) -> None:
    """Raises AssertionError with all that promtool said."""
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_configuration_and_rules_are_valid() -> None:
    """promise I1"""
    promtool("check", "config", PROMETHEUS / "prometheus.yml")
    promtool("check", "rules", *sorted((PROMETHEUS / "rules").glob("*.yml")))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_each_alert_fires_when_it_should_and_is_silent_otherwise(path: Path) -> None:
    """promise I1"""
    promtool("test", "rules", path)


def test_every_file_of_rules_has_its_tests() -> None:
    assert [path.name for path in TESTS] == sorted(path.name for path in (PROMETHEUS / "rules").glob("*.yml"))
