"""The wait callback: reads and writes as psycopg2 asks, and ends when the server stays silent."""

from typing import Any

import psycopg2
import pytest
from psycopg2 import extensions

from shared.database import wait


class Connection:
    """Answers the given states one after another."""

    def __init__(self, *states: int) -> None:
        self._states = list(states)

    def poll(self) -> int:
        return self._states.pop(0)

    def fileno(self) -> int:
        return 7


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was handed to psycopg2."""
    handed: list[Any] = []
    monkeypatch.setattr(extensions, "set_wait_callback", handed.append)
    return handed


def test_it_waits_for_what_the_connection_needs(installed: list[Any]) -> None:
    waited: list[tuple[str, int]] = []
    wait.install_wait_callback(
        lambda fileno, *, timeout: waited.append(("read", fileno)),
        lambda fileno, *, timeout: waited.append(("write", fileno)),
    )
    installed[0](Connection(extensions.POLL_WRITE, extensions.POLL_READ, extensions.POLL_OK))
    assert waited == [("write", 7), ("read", 7)]


def test_a_silent_server_is_an_operational_error(installed: list[Any]) -> None:
    def never(fileno: int, *, timeout: float) -> None:
        assert timeout == wait.MAX_WAIT_SECONDS
        raise TimeoutError

    wait.install_wait_callback(never, never)
    with pytest.raises(psycopg2.OperationalError, match="in time"):
        installed[0](Connection(extensions.POLL_READ))
    with pytest.raises(psycopg2.OperationalError, match="state"):
        installed[0](Connection(extensions.POLL_ERROR))
