"""The race for one slot: two processes, many threads, shifted starts, two lengths; one winner a round."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest

from services.booking.store.tables import NO_OVERLAP
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger

ROOT = Path(__file__).resolve().parents[3]
ROUNDS = 50
ROUNDS_WITHOUT_GUARD = 10
PROCESSES = 2
HOURS = (9, 11, 13, 15)
SHIFTS = (0, 15, 30)
SERVICES = (0, 1)

Attempt = dict[str, Any]


class Racer:
    """A process that tries what it is told, all at the same moment."""

    def __init__(self, database_url: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.booking.race_process"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_url, "PYTHONTZPATH": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, attempts: list[Attempt]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(attempts) + "\n")
        self._process.stdin.flush()

    def outcomes(self) -> list[str]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the racing process has ended"
        found: list[str] = json.loads(line)
        return found

    def stop(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture
def racers(database_url: str) -> Iterator[list[Racer]]:
    started = [Racer(database_url) for _ in range(PROCESSES)]
    yield started
    for racer in started:
        racer.stop()


def _attempts(provider: Provider, day: date, hour: int) -> list[Attempt]:
    """Every combination of shift and length: each overlaps each other."""
    return [
        {
            "provider_id": provider.provider_id,
            "service_id": provider.services[service],
            "booking_date": day.isoformat(),
            "start_time": f"{hour:02d}:{shift:02d}",
        }
        for shift, service in product(SHIFTS, SERVICES)
    ]


def _rounds(first: date, number: int) -> Iterator[tuple[date, int]]:
    days = (first + timedelta(days=count) for count in range(number))
    return islice(product(days, HOURS), number)


def _race(desk: Desk, racers: list[Racer], number: int) -> tuple[Provider, list[list[str]]]:
    provider = desk.open_provider()
    outcomes = []
    for day, hour in _rounds(desk.day, number):
        attempts = _attempts(provider, day, hour)
        for racer in racers:
            racer.start(attempts)
        outcomes.append([outcome for racer in racers for outcome in racer.outcomes()])
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


def test_exactly_one_of_many_gets_the_slot(desk: Desk, ledger: Ledger, racers: list[Racer]) -> None:
    """promise C2, rules C1, C2, C3, C4, C5 and C8: starts shifted by 15 and 30 minutes, two lengths, two
    processes: one winner in every round, and the others are refused without an error."""
    provider, outcomes = _race(desk, racers, ROUNDS)
    assert _winners_by_round(ledger, provider) == [1] * ROUNDS
    for round_outcomes in outcomes:
        assert sorted(set(round_outcomes)) == ["held", "slot_taken"], round_outcomes
        assert round_outcomes.count("held") == 1
    assert _allocated(ledger, provider) == ROUNDS


def test_the_race_is_one_that_can_be_lost(desk: Desk, ledger: Ledger, racers: list[Racer]) -> None:
    """promise C2: with a constraint of the same name that never refuses, the same check sees two winners:
    it is the database that decides, and nothing else hides its work."""
    with _constraint_that_never_refuses(ledger):
        provider, _ = _race(desk, racers, ROUNDS_WITHOUT_GUARD)
        winners = _winners_by_round(ledger, provider)
        ledger.run(
            "DELETE FROM allocation WHERE booking_id IN (SELECT id FROM booking WHERE provider_id = :id)",
            id=provider.provider_id,
        )
    assert max(winners) >= 2


@contextmanager
def _constraint_that_never_refuses(ledger: Ledger) -> Iterator[None]:
    drop = f"ALTER TABLE allocation DROP CONSTRAINT {NO_OVERLAP}"
    add = f"ALTER TABLE allocation ADD CONSTRAINT {NO_OVERLAP} EXCLUDE USING gist "
    ledger.run(drop)
    ledger.run(add + "(id WITH =, blocked WITH &&)")
    try:
        yield
    finally:
        ledger.run(drop)
        ledger.run(add + "(resource_id WITH =, blocked WITH &&)")


def _allocated(ledger: Ledger, provider: Provider) -> int:
    return int(
        ledger.one(
            "SELECT count(*) FROM allocation JOIN booking ON booking.id = booking_id WHERE provider_id = :id",
            id=provider.provider_id,
        )
    )
