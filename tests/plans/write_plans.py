"""Writes docs/plans/booking over a million bookings and prints how fast they are answered: `make plans`."""

import statistics
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.booking.domain.slots import first_free
from services.booking.domain.timetable import Timetable
from services.booking.settings import BookingSettings
from services.booking.store.supplies import Days, load_many
from shared import clock
from shared.database.transaction import Database
from shared.garbage import keep_what_is_there
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database
from tests.integration.booking.desk import Desk
from tests.plans.kept import BOOKING
from tests.plans.million import Million, fill
from tests.plans.walk import walk

ROUNDS = 30


@pytest.fixture(scope="module")
def own() -> Iterator[ServiceDatabase]:
    with service_database("booking") as made:
        yield made


@pytest.fixture(scope="module")
def million(own: ServiceDatabase) -> Million:
    engine = owner_engine(own.owner_url)
    started = clock.monotonic()
    made = fill(engine)
    engine.dispose()
    _say(f"{made.bookings} bookings in {clock.monotonic() - started:.0f} s")
    return made


@pytest.fixture(scope="module")
def database(own: ServiceDatabase) -> Iterator[Database]:
    made = Database(own.url, pool_size=2, application_name="plans")
    yield made
    made.dispose()


@pytest.fixture
def desk(own: ServiceDatabase, database: Database) -> Desk:
    settings = BookingSettings(database_url=own.url, amqp_uri="", holds_per_customer=100)
    return Desk(database.transaction, settings)


def test_speed(desk: Desk, database: Database, million: Million) -> None:
    """A day of the provider with 100,000 visits behind it; the days with free times of a month of fifty, of a
    service each. In a process that has put aside what was there at its start, as those of the services do."""
    keep_what_is_there()
    _say(f"a day of one provider: {_milliseconds(lambda: desk.availability(million.busy))}")
    ids = [provider.provider_id for provider in million.others]
    services = tuple(provider.services[0] for provider in million.others)
    days = Days(desk.day, desk.day + timedelta(days=30), services)
    _say(f"a month of 50 providers: {_milliseconds(lambda: _month(database, ids, days))}")


def test_plans(own: ServiceDatabase, desk: Desk, database: Database, million: Million) -> None:
    """Every statement of every question and command, explained."""
    BOOKING.write(database.transaction, walk(database, desk, million.busy, million.others))
    assert not BOOKING.whole_tables()


def _month(database: Database, ids: list[str], days: Days) -> int:
    free = 0
    with database.transaction() as connection:
        found = load_many(connection, ids, days)
    for services in found.values():
        for supplied in services:
            table = Timetable(supplied.offering.supply, supplied.offering.now, days.first, days.last)
            free += len(first_free(table, supplied.occupancy))
    return free


def _milliseconds(ask: Callable[[], Any]) -> str:
    """Median and 95th percentile, after some to warm up."""
    for _ in range(3):
        ask()
    took = []
    for _ in range(ROUNDS):
        started = clock.monotonic()
        ask()
        took.append((clock.monotonic() - started) * 1000)
    return f"median {statistics.median(took):.1f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.1f} ms"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
