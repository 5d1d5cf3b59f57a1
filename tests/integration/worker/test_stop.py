"""A process that is told to stop finishes what it has in hand and takes nothing new (rule C16)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fixtures.waiting import wait_until
from tests.integration.worker import probe_contract as contract
from tests.integration.worker.conftest import Ask, Notes, StartProbe

NAMES = [f"request {number}" for number in range(10)]


def test_ten_requests_in_work_are_ten_runs_and_ten_answers(start: StartProbe, ask: Ask, notes: Notes) -> None:
    """Rule C16: one of two processes gets SIGTERM with ten requests in work."""
    first, second = start(), start()
    with ThreadPoolExecutor(len(NAMES)) as pool:
        answers = [pool.submit(ask, contract.WORK, name=name, seconds=2) for name in NAMES]
        wait_until(lambda: len(notes.names("started")) == len(NAMES), "ten requests in work")
        first.terminate()
        pids = [answer.result()["pid"] for answer in answers]
    assert first.wait() == 0
    assert sorted(notes.names("started")) == sorted(notes.names("ended")) == NAMES
    assert first.pid in pids
    assert second.is_alive()


def test_requests_go_to_the_other_process_while_one_drains(start: StartProbe, ask: Ask, notes: Notes) -> None:
    first = start()
    slow = threading.Thread(target=lambda: ask(contract.WORK, name="slow", seconds=2))
    slow.start()
    wait_until(lambda: notes.names("started") == ["slow"], "a request in work")
    second = start()
    first.terminate()
    wait_until(lambda: first.get("/health/ready")[0] == 503, "draining")
    assert first.phase() == "draining"
    pids = {ask(contract.WORK, name="quick", seconds=0)["pid"] for _ in range(5)}
    assert pids == {second.pid}
    slow.join()
    assert first.wait() == 0


def test_events_in_work_are_finished_and_the_outbox_is_sent(
    start: StartProbe, ask: Ask, notes: Notes
) -> None:
    process = start()
    for number in range(10):
        ask(contract.EMIT, note=f"event {number}")
    process.terminate()
    assert process.wait() == 0
    start()
    wait_until(lambda: len(notes.names("applied")) == 10, "ten events")
    assert sorted(notes.names("heard")) == sorted(notes.names("applied"))


def test_work_that_does_not_end_is_cut_off(start: StartProbe, ask: Ask, notes: Notes) -> None:
    """Its request was not acknowledged: another process runs it and answers."""
    process = start(STOP_SECONDS="1")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, contract.WORK, name="endless", seconds=4, within=60)
        wait_until(lambda: notes.names("started") == ["endless"], "a request in work")
        process.terminate()
        assert process.wait(8) == 1
        assert len(process.events("stop_forced")) == 1
        other = start()
        assert answer.result()["pid"] == other.pid
    assert notes.names("ended") == ["endless"]


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGINT"])
def test_an_idle_process_stops_at_once(start: StartProbe, signal_name: str) -> None:
    process = start()
    process.signal(signal_name)
    assert process.wait(5) == 0
