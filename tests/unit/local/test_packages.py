"""What is laid while apt installs is taken away again, and what was there before comes back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from deploy.local.failure import LaunchError
from deploy.local.progress import Progress
from deploy.local.setup import packages

OURS = "ours\n"


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "policy-rc.d", tmp_path / "policy-rc.d.aside"


def test_nothing_stays_behind(place: tuple[Path, Path]) -> None:
    path, aside = place
    with packages._laid(path, OURS, aside, 0o755):
        assert path.read_text() == OURS
    assert not path.exists()


def test_what_was_there_comes_back_also_after_a_failure(place: tuple[Path, Path]) -> None:
    path, aside = place
    path.write_text("theirs\n")
    with pytest.raises(RuntimeError), packages._laid(path, OURS, aside, 0o755):
        raise RuntimeError
    assert path.read_text() == "theirs\n"
    assert not aside.exists()


def test_after_a_crash_the_next_start_puts_it_right(place: tuple[Path, Path]) -> None:
    path, aside = place
    path.write_text(OURS)
    aside.write_text("theirs\n")
    with packages._laid(path, OURS, aside, 0o755):
        pass
    assert path.read_text() == "theirs\n"
    packages._take_away(path, OURS, aside)
    assert path.read_text() == "theirs\n"


@pytest.mark.parametrize("is_root", [True, False])
def test_only_what_is_missing_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_root: bool
) -> None:
    installed: list[str] = []
    missing = ["redis-server", "postgresql"]

    def install(names: list[str], _log: Path) -> None:
        installed.extend(names)
        missing.clear()

    monkeypatch.setattr(os, "geteuid", lambda: 0 if is_root else 1000)
    monkeypatch.setattr(packages, "_POLICY", tmp_path / "policy")
    monkeypatch.setattr(packages, "_CLUSTERS", tmp_path / "clusters")
    monkeypatch.setattr(packages, "missing_packages", lambda: list(missing))
    monkeypatch.setattr(packages, "install", install)
    monkeypatch.setattr(packages, "_install_by_sudo", install)
    quiet = Progress(is_silent=True)
    packages.install_missing_packages(quiet, tmp_path / "log", only=("redis-server",))
    assert installed == ["redis-server"]


def test_without_root_and_sudo_the_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(LaunchError, match="sudo apt-get install postgresql redis-server"):
        packages._install_by_sudo(["postgresql", "redis-server"], tmp_path / "log")
