"""The race for one slot: two processes of the service, shifted starts, two lengths; one winner a round."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from itertools import islice, product
from threading import Barrier
from typing import Any

import pytest
from kombu.connection import Connection

from services.booking.store.tables import NO_OVERLAP
from shared.contracts import booking as contract
from shared.contracts import payment as payment_contract
from shared.contracts import search as search_contract
from shared.contracts.declaration import Caller
from shared.errors import ServiceError
from shared.ids import new_id
from shared.messages import topology
from shared.messages.rpc_client import RpcClient
from tests.fixtures.waiting import wait_until
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.worker.probe_process import ProbeProcess

ROUNDS = 50
ROUNDS_WITHOUT_GUARD = 10
PROCESSES = 2
HOURS = (9, 11, 13, 15)
SHIFTS = (0, 15, 30)
SERVICES = (0, 1)
HEARD = (
    search_contract.PROVIDER_PUBLISHED,
    search_contract.PROVIDER_WITHDRAWN,
    search_contract.SERVICE_PUBLISHED,
    search_contract.SERVICE_WITHDRAWN,
    payment_contract.PAYMENT_SUCCEEDED,
    payment_contract.PAYMENT_PROCESSING,
    payment_contract.PAYMENT_FAILED,
    payment_contract.PAYMENT_CANCELLED,
)

Attempt = dict[str, Any]


@pytest.fixture(scope="module")
def amqp_uri() -> Iterator[str]:
    """A virtual host without the stack's own services; what the workers declared there goes again."""
    uri = os.environ["TEST_AMQP_URI"]
    yield uri
    queues = [queue.name for queue in topology.describe("booking", HEARD, (1, 1, 1, 1)).queues]
    with Connection(uri) as connection:
        channel: Any = connection.channel()
        for name in (*queues, topology.rpc_queue("booking")):
            with suppress(Exception):
                channel.queue_delete(name)


@pytest.fixture(scope="module")
def workers(
    amqp_uri: str, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[ProbeProcess]]:
    """Two booking processes, as they run in earnest."""
    environment = {
        "DATABASE_URL": database_url,
        "AMQP_URI": amqp_uri,
        "EVENT_RETRY_SECONDS": "1,1,1,1",
        "PYTHONTZPATH": "",
    }
    folder = tmp_path_factory.mktemp("workers")
    started = [ProbeProcess(environment, folder, "services.booking.service") for _ in range(PROCESSES)]
    for worker in started:
        worker.await_ready()
    yield started
    for worker in started:
        worker.terminate()
    for worker in started:
        worker.end()


@pytest.fixture(scope="module")
def client(amqp_uri: str, workers: list[ProbeProcess]) -> Iterator[RpcClient]:
    client = RpcClient(amqp_uri, "booking-race")
    client.start()
    yield client
    client.stop()


def _attempts(provider: Provider, day: date, hour: int) -> list[Attempt]:
    """Every combination of shift and length: each overlaps each other."""
    return [
        {
            "provider_id": provider.provider_id,
            "service_id": provider.services[service],
            "booking_date": day.isoformat(),
            "start_time": f"{hour:02d}:{shift:02d}",
            "idempotency_key": new_id(),
        }
        for shift, service in product(SHIFTS, SERVICES)
    ]


def _rounds(first: date, number: int) -> Iterator[tuple[date, int]]:
    days = (first + timedelta(days=count) for count in range(number))
    return islice(product(days, HOURS), number)


def _race(desk: Desk, client: RpcClient, number: int) -> tuple[Provider, list[list[str]]]:
    provider = desk.open_provider()
    outcomes = []
    tries = len(SHIFTS) * len(SERVICES)
    barrier = Barrier(tries)

    def attempt(wanted: Attempt) -> str:
        barrier.wait()
        try:
            client.call(contract.CREATE_BOOKING, wanted, Caller(user_id=new_id()))
        except ServiceError as error:
            return error.code
        return "held"

    with ThreadPoolExecutor(tries) as pool:
        for day, hour in _rounds(desk.day, number):
            outcomes.append(list(pool.map(attempt, _attempts(provider, day, hour))))
    return provider, outcomes


def _winners_by_round(ledger: Ledger, provider: Provider) -> list[int]:
    """Counted in the database: live bookings in each round's two hours."""
    return [
        int(row.winners)
        for row in ledger.rows(
            "SELECT local_start::date AS day, (extract(hour FROM local_start)::int - 9) / 2 AS round, "
            "count(*) AS winners FROM booking WHERE provider_id = :id AND state = 'pending' "
            "GROUP BY 1, 2 ORDER BY 1, 2",
            id=provider.provider_id,
        )
    ]


def test_exactly_one_of_many_gets_the_slot(
    desk: Desk, ledger: Ledger, client: RpcClient, workers: list[ProbeProcess]
) -> None:
    """promise C2, rules C1, C2, C3, C4, C5 and C8: starts shifted by 15 and 30 minutes, two lengths, two
    processes: one winner in every round, and the others are refused without an error."""
    provider, outcomes = _race(desk, client, ROUNDS)
    assert _winners_by_round(ledger, provider) == [1] * ROUNDS
    for round_outcomes in outcomes:
        assert sorted(set(round_outcomes)) == ["held", "slot_taken"], round_outcomes
        assert round_outcomes.count("held") == 1
    assert _allocated(ledger, provider) == ROUNDS
    held = 'care_rpc_server_seconds_count{method="create_booking",outcome="ok",service="booking"}'
    assert all(worker.metric(held) for worker in workers), "both processes have had winners"
    wait_until(lambda: not ledger.events(provider.provider_id), "every event to be sent")


def test_the_race_is_one_that_can_be_lost(desk: Desk, ledger: Ledger, client: RpcClient) -> None:
    """promise C2: with a constraint of the same name that never refuses, the same check sees two winners:
    it is the database that decides, and nothing else hides its work."""
    with _constraint_that_never_refuses(ledger):
        provider, _ = _race(desk, client, ROUNDS_WITHOUT_GUARD)
        winners = _winners_by_round(ledger, provider)
        ledger.run(
            "DELETE FROM allocation WHERE booking_id IN (SELECT id FROM booking WHERE provider_id = :id)",
            id=provider.provider_id,
        )
    assert max(winners) >= 2


@contextmanager
def _constraint_that_never_refuses(ledger: Ledger) -> Iterator[None]:
    drop = f"ALTER TABLE allocation DROP CONSTRAINT {NO_OVERLAP}"
    add = f"ALTER TABLE allocation ADD CONSTRAINT {NO_OVERLAP} "
    ours = ledger.one(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name", name=NO_OVERLAP
    )
    ledger.run(drop)
    ledger.run(add + "EXCLUDE USING gist (id WITH =, blocked WITH &&)")
    try:
        yield
    finally:
        ledger.run(drop)
        ledger.run(add + str(ours))


def _allocated(ledger: Ledger, provider: Provider) -> int:
    return int(
        ledger.one(
            "SELECT count(*) FROM allocation JOIN booking ON booking.id = booking_id WHERE provider_id = :id",
            id=provider.provider_id,
        )
    )
