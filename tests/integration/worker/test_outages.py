"""Broker or database away: the same process waits, says so, and goes on by itself."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import ServiceError, unavailable
from tests.fixtures.tcp_proxy import TcpProxy
from tests.fixtures.waiting import wait_until
from tests.integration.worker import probe_contract as contract
from tests.integration.worker.conftest import Ask, Notes, StartProbe

IMPATIENT_MODULE = "tests.integration.worker.impatient_probe_service"
BROKER_GONE = "broker_lost"


def _answers(ask: Ask) -> bool:
    try:
        return bool(ask(contract.ECHO, text="hello")["text"] == "hello")
    except ServiceError as error:
        if error.code != unavailable.code:
            raise
        return False


def test_a_lost_broker_leaves_the_process_and_everything_flows_again(
    start: StartProbe, ask: Ask, notes: Notes, broker_proxy: TcpProxy, proxied_amqp_uri: str
) -> None:
    """Five requests are in work when the broker goes: their answers are dropped, they run again."""
    process = start(AMQP_URI=proxied_amqp_uri)
    with ThreadPoolExecutor(5) as pool:
        for number in range(5):
            pool.submit(ask, contract.WORK, name=f"request {number}", seconds=1, within=4)
        wait_until(lambda: len(notes.names("started")) == 5, "five requests in work")
        broker_proxy.cut()
        wait_until(lambda: process.get("/health/ready")[0] == 503, "a process that is not ready")
        assert process.get("/health/live")[0] == 200
        wait_until(lambda: len(process.events("reply_not_sent")) == 5, "five answers that were dropped")
        broker_proxy.restore()
        process.await_ready()
    assert process.metric(f'care_rpc_replies_dropped_total{{service="{contract.SERVICE}"}}') == 5
    wait_until(lambda: _answers(ask), "an answer, once the client lets a call through again")
    ask(contract.EMIT, note="afterwards")
    wait_until(lambda: notes.names("applied") == ["afterwards"], "an event")
    assert process.is_alive()
    wait_until(lambda: len(notes.names("ended")) >= 10, "the second run of what was not acknowledged")


def test_a_long_outage_takes_few_log_lines(
    start: StartProbe, ask: Ask, notes: Notes, broker_proxy: TcpProxy, proxied_amqp_uri: str
) -> None:
    process = start(AMQP_URI=proxied_amqp_uri)
    broker_proxy.cut()
    wait_until(lambda: process.events(BROKER_GONE), "the loss")
    threading.Event().wait(3)
    ours = [line for name in (BROKER_GONE, "broker_unreachable") for line in process.events(name)]
    assert len(ours) <= 4
    broker_proxy.restore()
    process.await_ready()


def test_a_frozen_broker_is_noticed_and_the_process_comes_back(
    start: StartProbe, ask: Ask, notes: Notes, broker_proxy: TcpProxy, proxied_amqp_uri: str
) -> None:
    process = start(AMQP_URI=proxied_amqp_uri, module=IMPATIENT_MODULE)
    broker_proxy.freeze()
    wait_until(lambda: process.events(BROKER_GONE), "missed heartbeats")
    broker_proxy.break_connections()
    broker_proxy.thaw()
    process.await_ready()
    assert ask(contract.ECHO, text="hello")["text"] == "hello"


def test_stopping_without_a_broker_ends(
    start: StartProbe, notes: Notes, broker_proxy: TcpProxy, proxied_amqp_uri: str
) -> None:
    process = start(AMQP_URI=proxied_amqp_uri)
    broker_proxy.cut()
    wait_until(lambda: process.events(BROKER_GONE), "the loss")
    process.terminate()
    assert process.wait(15) == 0


def test_a_process_that_finds_no_broker_waits_for_it(
    start: StartProbe, ask: Ask, notes: Notes, broker_proxy: TcpProxy, proxied_amqp_uri: str
) -> None:
    broker_proxy.cut()
    process = start(AMQP_URI=proxied_amqp_uri, ready=False)
    wait_until(lambda: process.phase() == "waiting_for_broker", "a process that waits")
    assert process.get("/health/ready")[0] == 503
    broker_proxy.restore()
    process.await_ready()
    assert ask(contract.ECHO, text="hello")["text"] == "hello"


def test_a_process_that_waits_can_be_stopped(
    start: StartProbe, broker_proxy: TcpProxy, proxied_amqp_uri: str
) -> None:
    broker_proxy.cut()
    process = start(AMQP_URI=proxied_amqp_uri, ready=False)
    wait_until(lambda: process.phase() == "waiting_for_broker", "a process that waits")
    process.terminate()
    assert process.wait(5) == 0


def test_a_process_that_finds_no_database_waits_for_it(
    start: StartProbe, ask: Ask, notes: Notes, database_proxy: TcpProxy, proxied_database_url: str
) -> None:
    database_proxy.cut()
    process = start(DATABASE_URL=proxied_database_url, ready=False)
    wait_until(lambda: process.phase() == "waiting_for_database", "a process that waits")
    database_proxy.restore()
    process.await_ready()
    assert ask(contract.WORK, name="afterwards", seconds=0)["pid"] == process.pid


def test_a_lost_database_is_unavailable_until_it_is_back(
    start: StartProbe, ask: Ask, notes: Notes, database_proxy: TcpProxy, proxied_database_url: str
) -> None:
    process = start(DATABASE_URL=proxied_database_url)
    database_proxy.cut()
    wait_until(lambda: process.get("/health/ready")[0] == 503, "a process that is not ready")
    with pytest.raises(ServiceError) as caught:
        ask(contract.WORK, name="meanwhile", seconds=0)
    assert caught.value.code == "unavailable"
    database_proxy.restore()
    process.await_ready()
    assert ask(contract.WORK, name="afterwards", seconds=0)["pid"] == process.pid
    wait_until(lambda: notes.names("tick"), "the timer")
