"""A listening socket outlives the processes behind it: while none accepts, nobody is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local.listeners import Listeners
from deploy.local.processes import DOOR, Specification
from deploy.local.supervised import Supervised
from deploy.local.waiting import wait_until

# Takes one connection from the first descriptor that it was handed, greets, ends.
GREET = """
import socket, sys
number = int(sys.argv[sys.argv.index("--bind") + 1].removeprefix("fd://"))
connection, _ = socket.socket(fileno=number).accept()
connection.sendall(b"hello")
"""


@pytest.fixture
def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        chosen: int = probe.getsockname()[1]
        return chosen


@pytest.fixture
def listeners(port: int) -> Iterator[Listeners]:
    made = Listeners()
    yield made
    made.close([port])


def test_who_connects_while_nobody_runs_is_served_by_the_next_process(
    tmp_path: Path, port: int, listeners: Listeners
) -> None:
    """promise I3: a gateway that died refuses nobody; what waits is the next one's."""
    item = Supervised(_greeter(tmp_path, port), listeners)
    assert item.tick(0.0)
    assert _greeting(port) == b"hello"
    assert wait_until(lambda: not item.is_running(), 5)
    with socket.create_connection(("127.0.0.1", port), 5) as early:
        early.settimeout(5)
        item.tick(0.0)
        item.tick(item.next_start)
        assert early.recv(16) == b"hello"
    assert wait_until(lambda: not item.is_running(), 5)
    item.tick(item.next_start)


def test_a_port_that_a_stranger_has_is_tried_again(tmp_path: Path, port: int, listeners: Listeners) -> None:
    item = Supervised(_greeter(tmp_path, port), listeners)
    with closing(socket.socket()) as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        item.tick(0.0)
        assert not item.is_running()
        assert item.restarts == 1
        assert "cannot listen" in item.specification.log.read_text()
    item.tick(item.next_start)
    assert _greeting(port) == b"hello"
    assert wait_until(lambda: not item.is_running(), 5)


def _greeting(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(5)
        return connection.recv(16)


def _greeter(folder: Path, port: int) -> Specification:
    return Specification(
        name="greeter",
        argv=("/usr/bin/env", "python3", "-c", GREET),
        environment={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        log=folder / "greeter.log",
        ready_url="http://127.0.0.1:1/",
        address=f"127.0.0.1:{port}",
        stop_seconds=5,
        phase=DOOR,
        listens=(port,),
    )
