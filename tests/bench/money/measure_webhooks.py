"""Prints how fast webhooks are stored beside the rate of an echo RPC: `make measure-webhooks`.

Both are asked by as many senders in a closed loop, in rounds that alternate, while customers look for care
at a fixed rate. An event is about a payment that was captured, so that the job which works it does all that
such a job does. Figures; what fails is an answer other than 200, and an event that was not stored.
"""

import asyncio
import itertools
import os
import statistics
import sys
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg2
import pytest

from deploy.local.stack import Stack
from services.gateway.settings import GatewaySettings
from services.payment.settings import PaymentSettings
from shared.settings import load
from tests.bench.floors.running import EchoFloor, running_echo
from tests.bench.http_load import Answers, Next, beside, closed_loop, request
from tests.fixtures.customer import Customer, new_address
from tests.fixtures.servers import address
from tests.fixtures.stripe_webhooks import event_about, signed
from tests.integration.platform.market import NEW_YORK, Market

SENDERS = 16
"""As many as one process of the gateway takes of webhooks at once."""
ROUNDS, ROUND_SECONDS, WARM_SECONDS = 9, 3.0, 3.0
CUSTOMERS_A_SECOND = 20.0
TARGET = 0.45
WEBHOOK, ECHO = "/api/v1/customer/payments/webhook", "/echo"


@pytest.fixture(scope="module")
def floor(stack: Stack) -> Iterator[EchoFloor]:
    gateway = load(GatewaySettings, stack.environment("gateway"))
    payment = load(PaymentSettings, stack.environment("payment"))
    with running_echo(address("TEST_AMQP_URI"), gateway.workers, payment.max_workers) as floor:
        yield floor


def test_webhooks_beside_an_echo(stack: Stack, floor: EchoFloor) -> None:
    run = _Run(stack, floor)
    _say(f"{os.cpu_count()} cores, load average of the last minute {os.getloadavg()[0]:.1f}")
    asyncio.run(run.echo(WARM_SECONDS))
    asyncio.run(run.webhooks(WARM_SECONDS))
    run.put_waiting_jobs_away()
    before = run.books()
    pairs: list[tuple[list[Answers], list[Answers]]] = []
    for _ in range(ROUNDS):
        pairs.append((asyncio.run(run.echo(ROUND_SECONDS)), asyncio.run(run.webhooks(ROUND_SECONDS))))
        run.put_waiting_jobs_away()
    stored, worked = (now - then for now, then in zip(run.books(), before, strict=True))
    echoes, ours = zip(*pairs, strict=True)
    _say(f"echo RPC, {floor.described}: {_told(echoes)}")
    _say(f"webhooks stored: {_told(ours)}; {worked} of {stored} worked meanwhile")
    ratios = [webhooks[0].rate / echo[0].rate for echo, webhooks in pairs]
    ratio = statistics.median(ratios)
    met = "met" if ratio >= TARGET else "not met"
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} rounds of {ROUND_SECONDS:.0f} s"
    _say(f"ratio {ratio:.2f} ({spread}), target {TARGET:.2f}: {met}")
    assert not [error for pair in pairs for answers in pair for one in answers for error in one.errors]
    assert stored == sum(len(webhooks[0].milliseconds) for webhooks in ours)


class _Run:
    """The stack, a captured payment in it, and what is asked."""

    def __init__(self, stack: Stack, floor: EchoFloor) -> None:
        self._gateway, self._floor = stack.ports["gateway"], floor.port
        self._secrets = stack.environment("payment")["STRIPE_WEBHOOK_SECRET"]
        self._database_url = stack.admin_database_url("payment").replace("+psycopg2", "")
        market = Market(stack)
        with Customer(stack.url) as customer:
            _, payment = market.confirmed(customer.register())
        self._intent = {"id": payment["paymentIntentId"], "object": "payment_intent"}
        self._looks = itertools.cycle(_looks_of_customers(market))

    async def echo(self, seconds: float) -> list[Answers]:
        """Of the floor, and of the customers meanwhile."""
        return await self._beside_customers(self._floor, seconds, lambda: self._event(ECHO))

    async def webhooks(self, seconds: float) -> list[Answers]:
        """Of ours, and of the customers meanwhile."""
        return await self._beside_customers(self._gateway, seconds, lambda: self._event(WEBHOOK))

    async def _beside_customers(self, port: int, seconds: float, make: Next) -> list[Answers]:
        work = closed_loop(port, SENDERS, seconds, make)
        return await beside(work, self._gateway, CUSTOMERS_A_SECOND, self._look)

    def _event(self, path: str) -> bytes:
        body = event_about("payment_intent.succeeded", self._intent)
        return request("POST", path, body, signed(body, self._secrets))

    def _look(self) -> bytes:
        """Each time another person, so that no limit by address is met."""
        return request("GET", next(self._looks), headers={"X-Forwarded-For": new_address()})

    def books(self) -> tuple[int, int]:
        """How many webhooks are stored, and how many of them are worked."""
        ((stored, worked),) = self._ask(
            "SELECT count(*), count(*) FILTER (WHERE outcome = 'worked') FROM webhook_event"
        )
        return stored, worked

    def put_waiting_jobs_away(self) -> None:
        """What is stored faster than it is worked must not slow the floor's next round."""
        self._ask("DELETE FROM job WHERE kind = 'work_webhook' AND state = 'waiting' RETURNING 1")

    def _ask(self, statement: str) -> list[tuple[int, ...]]:
        connection = psycopg2.connect(self._database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()


def _looks_of_customers(market: Market) -> Iterator[str]:
    """Searches and free times by turns."""
    today = date.fromisoformat(market.day(0))
    place = "&".join(f"{name}={value}" for name, value in NEW_YORK.items())
    for ahead in range(1, 61):
        yield f"/api/v1/customer/search?query=massage&radiusKm={ahead}&{place}"
        day = (today + timedelta(days=ahead)).isoformat()
        path = f"/api/v1/customer/providers/{market.provider_id}/availability"
        yield f"{path}?serviceId={market.service_id}&date={day}"


def _told(rounds: tuple[list[Answers], ...]) -> str:
    work, customers = zip(*rounds, strict=True)
    return f"{_figures(work)} by {SENDERS} senders; beside it customers' requests: {_figures(customers)}"


def _figures(rounds: tuple[Answers, ...]) -> str:
    """The medians of the rounds."""
    rate = statistics.median(one.rate for one in rounds)
    p50 = statistics.median(one.p50 for one in rounds)
    p95 = statistics.median(one.p95 for one in rounds)
    errors = sum(len(one.errors) for one in rounds)
    return f"{rate:.0f} a second, p50 {p50:.1f} ms, p95 {p95:.1f} ms, errors {errors}"


def _say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
