"""A supervised process starts again when it dies, with growing pauses, and ends when it is asked to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.processes import WORK, Specification
from deploy.local.supervised import Supervised
from deploy.local.waiting import wait_until


def specification(log: Path, script: str, stop_seconds: int = 5) -> Specification:
    return Specification(
        name="dummy",
        argv=("/bin/sh", "-c", script),
        environment={"PATH": "/usr/bin:/bin"},
        log=log,
        ready_url="http://127.0.0.1:1/",
        address="127.0.0.1:1",
        stop_seconds=stop_seconds,
        phase=WORK,
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "dummy.log"


@pytest.fixture
def sleeper(log: Path) -> Iterator[Supervised]:
    item = Supervised(specification(log, "echo ready; exec sleep 60"))
    item.tick(0.0)
    assert wait_until(lambda: log.read_text() == "ready\n", 5)
    yield item
    if item.process is not None:
        item.process.kill()
        item.process.wait()


def test_the_dead_start_again_after_growing_pauses(log: Path) -> None:
    item = Supervised(specification(log, "exit 3"))
    pauses = []
    now = 0.0
    for _ in range(3):
        assert item.tick(now)
        assert item.process is not None
        item.process.wait()
        assert item.tick(now)
        pauses.append(item.next_start - now)
        assert not item.tick(now)  # not before its time
        now = item.next_start
    assert pauses == sorted(pauses)
    assert pauses[2] == pauses[0] * 4
    assert item.restarts == 3


def test_one_that_lived_long_starts_again_at_once(sleeper: Supervised) -> None:
    assert sleeper.process is not None
    sleeper.process.kill()
    sleeper.process.wait()
    sleeper.tick(100.0)
    assert sleeper.next_start == 100.0


def test_it_ends_when_asked_and_stays_down(sleeper: Supervised) -> None:
    sleeper.is_wanted = False
    sleeper.ask_to_end(1.0)
    assert wait_until(lambda: not sleeper.is_running(), 5)
    sleeper.tick(2.0)
    assert not sleeper.tick(1000.0)
    assert sleeper.restarts == 0


def test_who_does_not_end_in_time_is_killed(log: Path) -> None:
    item = Supervised(
        specification(log, "trap '' TERM; echo ready; while :; do sleep 1; done", stop_seconds=0)
    )
    item.tick(0.0)
    assert wait_until(lambda: log.read_text() == "ready\n", 5)
    item.is_wanted = False
    now = time.monotonic()
    item.ask_to_end(now)
    item.tick(now)
    assert wait_until(lambda: not item.is_running(), 5)
