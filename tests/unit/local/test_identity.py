"""A process is told from a later one with its number, and found by its marks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.identity import (
    INSTANCE_MARK,
    PROCESS_MARK,
    Identity,
    identity_of,
    is_alive,
    marked_processes,
    stop,
)
from deploy.local.waiting import wait_until


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    marks = {INSTANCE_MARK: str(tmp_path), PROCESS_MARK: "sleeper"}
    process = subprocess.Popen(
        ["sleep", "60"], env={"PATH": "/usr/bin:/bin", **marks}, start_new_session=True
    )
    # Between fork and exec the child still has our environment.
    assert wait_until(lambda: bool(marked_processes(tmp_path)), 5)
    yield process
    process.kill()
    process.wait()


def test_found_by_its_marks(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    known = identity_of(sleeper.pid)
    assert marked_processes(tmp_path) == [known]
    assert marked_processes(tmp_path, "sleeper") == [known]
    assert marked_processes(tmp_path, "other") == []
    assert marked_processes(tmp_path / "other") == []


def test_an_ended_process_is_not_alive_even_as_a_zombie(sleeper: subprocess.Popen[bytes]) -> None:
    known = identity_of(sleeper.pid)
    assert is_alive(known)
    assert known is not None
    stop(known, timeout_seconds=5)
    assert not is_alive(known)


def test_another_with_the_same_number_is_another(sleeper: subprocess.Popen[bytes]) -> None:
    assert not is_alive(Identity(sleeper.pid, "an earlier start"))


def test_who_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 1; done"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        known = identity_of(process.pid)
        assert known is not None
        stop(known, timeout_seconds=0.2)
        assert not is_alive(known)
