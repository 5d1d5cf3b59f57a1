"""Work that is repeated goes on after a failure and ends when it is told to."""

import threading

import pytest

from services.gateway.repeated import Repeated


def test_work_is_repeated_although_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("once")
        done.set()

    repeated = Repeated("test", 0.001, work)
    repeated.start()
    assert done.wait(5)
    repeated.stop()
    assert not repeated._thread.is_alive()
    assert "repeated_work_failed" in caplog.text


def test_what_never_began_can_be_stopped() -> None:
    Repeated("test", 1, lambda: None).stop()
