"""Metrics of several processes, one of which dies (promise I1)."""

import os
import re
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from tests.fixtures.customer import Customer
from tests.fixtures.realtime_client import RealtimeClient
from tests.fixtures.waiting import wait_until
from tests.integration.gateway.gateway_process import Gateway, GatewayDatabase, start_gateway

SOCKETS = 8
POOL_OF_TWO_PROCESSES = 20


def total(gateway: Gateway, name: str) -> float:
    """The sum of all samples of that name."""
    text = requests.get(f"{gateway.operator_url}/metrics", timeout=5).text
    return sum(map(float, re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)))


def processes(gateway: Gateway) -> set[int]:
    """The gunicorn workers that live now."""
    pid = gateway.process.pid
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def leave_a_file(folder: Path) -> None:
    """As a process of an earlier life left it: seven open sockets."""
    left: Any = MmapedDict(str(folder / "gauge_livesum_4242.db"))  # type: ignore[no-untyped-call]
    left.write_value(mmap_key("care_sockets_open", "care_sockets_open", [], [], "Open sockets"), 7.0, 0.0)
    left.close()


@pytest.fixture
def own(
    gateway: Gateway, gateway_database: GatewayDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Gateway:
    """A gateway whose processes may die, with a folder that was used before."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    leave_a_file(folder)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    return start_gateway(
        gateway_database,
        os.environ["TEST_AMQP_URI"],
        os.environ["TEST_REDIS_URL"],
        tmp_path,
        backstage=gateway.backstage,
    )


def test_gauges_of_a_process_that_died_are_forgotten_and_counters_stay(own: Gateway) -> None:
    with ExitStack() as held:
        held.callback(own.stop)
        customer = held.enter_context(Customer(own.url)).register()
        clients = [
            held.enter_context(RealtimeClient(own.url)).sign_in(customer.token) for _ in range(SOCKETS)
        ]
        wait_until(lambda: total(own, "care_sockets_open") == SOCKETS, "all sockets and no others")
        wait_until(
            lambda: total(own, "care_database_connections_limit") == POOL_OF_TWO_PROCESSES,
            "both processes to tell their pool",
        )
        counted = total(own, "care_http_request_seconds_count")
        before = processes(own)
        assert len(before) == 2
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(processes(own) - before) == 1, "a process in its place")
        wait_until(
            lambda: (
                total(own, "care_database_connections_limit") == POOL_OF_TWO_PROCESSES
                and total(own, "care_rpc_link_up") == 1
            ),
            "the new process to tell its own figures",
        )
        alive = sum(client.is_open for client in clients)
        assert alive < SOCKETS
        wait_until(lambda: total(own, "care_sockets_open") == alive, "sockets of who lives")
        assert total(own, "care_http_request_seconds_count") >= counted
