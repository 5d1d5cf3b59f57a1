"""A request whose caller has given up is not run."""

import threading

import pytest

from shared.errors import ServiceError
from tests.fixtures.waiting import wait_until
from tests.integration.worker import probe_contract as contract
from tests.integration.worker.conftest import Ask, Notes, StartProbe


def test_a_request_past_its_deadline_is_not_run(start: StartProbe, ask: Ask, notes: Notes) -> None:
    start(MAX_WORKERS="1")
    busy = threading.Thread(target=lambda: ask(contract.WORK, name="slow", seconds=1.5))
    busy.start()
    wait_until(lambda: notes.names("started") == ["slow"], "a busy worker")
    with pytest.raises(ServiceError) as caught:
        ask(contract.WORK, name="late", seconds=0.1, within=0.5)
    busy.join()
    assert caught.value.code == "outcome_unknown"
    ask(contract.WORK, name="next", seconds=0)
    assert notes.names("started") == ["slow", "next"]
