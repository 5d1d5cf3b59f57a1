"""Bad days: a server away, a process stopped; what works goes on, and all comes back by itself."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from deploy.local.stack import Stack
from shared.ids import new_id
from tests.fixtures.customer import Customer
from tests.fixtures.table_lock import table_lock
from tests.fixtures.waiting import wait_until
from tests.integration.platform.market import NEW_YORK, Market

BROKER_AWAY_SECONDS = float(os.environ.get("BROKER_AWAY_SECONDS", "4"))
RUNS = "care_rpc_server_seconds_count"


def _search(customer: Customer) -> requests.Response:
    return customer.get("customer/search", query="massage", radiusKm=10, **NEW_YORK)


def _days_with_slots(market: Market, customer: Customer, number: int) -> list[dict[str, Any]]:
    """Free slots of as many different days, so that nobody is in another's way."""
    slots: list[dict[str, Any]] = []
    for ahead in range(20, 85):
        free = market.free_slots(customer, market.day(ahead))
        if free:
            slots.append(free[0])
        if len(slots) == number:
            return slots
    raise AssertionError("too few free days")


def _until_answer(customer: Customer, path: str, status: int = 200) -> None:
    wait_until(lambda: customer.get(path).status_code == status, f"{path} to answer {status}", seconds=40)


@contextmanager
def _without(stack: Stack, server: str) -> Iterator[None]:
    """A server is away, and comes back whatever the test finds: the tests after it need it."""
    stack.stop_server(server)
    try:
        yield
    finally:
        stack.start_server(server)


def test_without_redis_all_works_and_limits_hold(stack: Stack, market: Market, customer: Customer) -> None:
    """promise B7: still right when the cache is down; promise H4: limits hold all the same."""
    expected = _search(customer).json()["data"]
    with _without(stack, "redis"):
        assert _search(customer).json()["data"] == expected
        assert market.hold(customer)["state"] == "pending"
        with Customer(stack.url) as flood:
            statuses = [flood.get("customer/categories").status_code for _ in range(240)]
        assert statuses.count(429) > 0
        assert 500 not in statuses
    wait_until(lambda: _search(customer).status_code == 200, "search to answer with Redis back")


def test_a_broker_that_goes_away_is_told_at_once_and_all_flows_again(
    stack: Stack, market: Market, customer: Customer
) -> None:
    """promise A2: broker lost: 503 with Retry-After within a second; afterwards the same processes work."""
    pids = stack.pids()
    with ExitStack() as people, ThreadPoolExecutor(5) as pool:
        slots = _days_with_slots(market, customer, 5)
        commands = [
            Command(people.enter_context(Customer(stack.url)).register(), market.request(slot))
            for slot in slots
        ]
        with table_lock(stack.admin_database_url("booking"), "booking") as lock:
            in_work = [pool.submit(command.send) for command in commands]
            lock.wait_for_waiters(5)
            with _without(stack, "rabbitmq"):
                gone = time.monotonic()
                lock.release()
                _assert_told(in_work, gone)
                _assert_refused_at_once(customer)
                _stay_away(stack, BROKER_AWAY_SECONDS)
        for command in commands:  # each of the gateway's processes comes back in its own time
            wait_until(command.is_done, "bookings to flow again", seconds=60, poll=2)
    assert stack.pids() == pids


@dataclass(frozen=True)
class Command:
    """One customer's booking, sent again and again under one key."""

    customer: Customer
    body: dict[str, Any]
    key: str = field(default_factory=new_id)

    def send(self) -> tuple[int, str, float]:
        """Status, code, and when the answer came."""
        answer = self.customer.post("customer/bookings", self.body, key=self.key)
        return answer.status_code, answer.json().get("code", ""), time.monotonic()

    def is_done(self) -> bool:
        """Whether it is answered 201, now or again."""
        return self.send()[0] == 201


def _assert_refused_at_once(customer: Customer) -> None:
    started = time.monotonic()
    answer = customer.get("customer/bookings")
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert time.monotonic() - started < 1


def _assert_told(in_work: list["Future[tuple[int, str, float]]"], gone: float) -> None:
    """A command whose outcome nobody knows says so; nobody waits for a deadline to learn it."""
    for future in in_work:
        status, code, told = future.result(timeout=10)
        assert (status, code) in ((504, "outcome_unknown"), (503, "unavailable"))
        assert told - gone < 1


def _stay_away(stack: Stack, seconds: float) -> None:
    """The processes keep their pids while the broker is away."""
    pids = stack.pids()
    end = time.monotonic() + seconds
    wait_until(
        lambda: time.monotonic() > end or stack.pids() != pids, "the time to pass", seconds=seconds + 5
    )
    assert stack.pids() == pids


def test_one_service_down_and_the_others_work(stack: Stack, market: Market, customer: Customer) -> None:
    """promise A1: search may be away while customers book; notify catches up on what it missed."""
    stack.stop_process("search")
    stack.stop_process("notify")
    try:
        booking = market.hold(customer)
        for path in ("customer/search?query=unheard", "notifications"):
            _until_answer(customer, path, 503)
            assert customer.get(path).json()["code"] == "unavailable"
    finally:
        stack.start_process("search")
        stack.start_process("notify")
    _until_answer(customer, "customer/search?query=another")
    wait_until(
        lambda: any(entry["bookingId"] == booking["bookingId"] for entry in _inbox(customer)),
        "notify to catch up",
    )


def _inbox(customer: Customer) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (
        customer.get("notifications").json().get("data", {}).get("notifications", [])
    )
    return entries


def test_postgresql_restarted_and_all_is_back(stack: Stack, market: Market, customer: Customer) -> None:
    """promise A1: a restart of the database needs no restart of a service."""
    pids = stack.pids()
    with _without(stack, "postgresql"):
        refused = customer.get("customer/bookings")
        assert refused.status_code == 503
        assert "Retry-After" in refused.headers
    _until_answer(customer, "customer/bookings")
    assert market.hold(customer)["state"] == "pending"
    assert stack.pids() == pids


def test_a_stop_finishes_the_work_in_hand(stack: Stack, market: Market, customer: Customer) -> None:
    """rule C16: SIGTERM to one of two booking processes with 10 requests in work: 10 runs, 10 answers."""
    second = stack.start_extra("booking")
    runs = _runs(stack, "booking")
    with ExitStack() as people, ThreadPoolExecutor(10) as pool:
        people.callback(stack.stop_process, second)
        commands = [
            Command(people.enter_context(Customer(stack.url)).register(), market.request(slot))
            for slot in _days_with_slots(market, customer, 10)
        ]
        with table_lock(stack.admin_database_url("booking"), "booking") as lock:
            in_work = [pool.submit(command.send) for command in commands]
            lock.wait_for_waiters(10)
            pid = stack.pids()[second]
            stack.signal(second, "SIGTERM")
            lock.release()
            answers = [future.result(timeout=20) for future in in_work]
        assert [status for status, _, _ in answers] == [201] * 10
        wait_until(lambda: stack.pids().get(second) != pid, "the process to end")
        assert 0 < _runs(stack, "booking") - runs < 10, "both processes had work"
        held = [
            len(command.customer.get("customer/bookings").json()["data"]["bookings"]) for command in commands
        ]
        assert held == [1] * 10


def _runs(stack: Stack, process: str) -> float:
    """How many requests for create_booking this process has run."""
    text = requests.get(f"{stack.health_url(process)}/metrics", timeout=5).text
    lines = [line for line in text.splitlines() if line.startswith(RUNS) and "create_booking" in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def _bookings(customer: Customer) -> list[dict[str, Any]]:
    bookings: list[dict[str, Any]] = customer.get("customer/bookings").json()["data"]["bookings"]
    return bookings
