"""The secrets of the containers are made once, stay as they are, and only their owner can read them."""

from __future__ import annotations

import stat
from pathlib import Path

from deploy.compose.environment import complete, new_environment


def test_what_the_file_has_stays_and_what_it_lacks_is_added(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("REDIS_PASSWORD='mine'\nOTHER=1", encoding="utf-8")  # as some editors end a file
    added = complete(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["REDIS_PASSWORD='mine'", "OTHER=1"]
    assert set(added) == set(new_environment()) - {"REDIS_PASSWORD"}
    assert complete(path) == []
    assert path.read_text(encoding="utf-8").splitlines() == lines


def test_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.touch(0o644)
    complete(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_value_is_one_line_that_needs_no_escaping() -> None:
    """Docker compose takes a value in single quotes as it is."""
    for value in new_environment().values():
        assert "'" not in value
        assert "\n" not in value
