"""Writes docs/plans/payment from a database with a million entries in its ledger: `make plans`."""

import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.payment.store import commission_rules
from shared import clock
from shared.database.transaction import Database
from tests.bench.money.beside_the_entries import BESIDE
from tests.bench.money.million_entries import Ledger, fill
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database
from tests.plans.kept import PAYMENT
from tests.plans.till import RATE
from tests.plans.walk_of_payment import walk

PAYMENTS, BUSY_PERCENT = 100_000, 20
"""With what follows from them they make a million entries."""


@pytest.fixture(scope="module")
def own() -> Iterator[ServiceDatabase]:
    with service_database("payment") as made:
        yield made


@pytest.fixture(scope="module")
def owner(own: ServiceDatabase) -> Iterator[Engine]:
    engine = owner_engine(own.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def database(own: ServiceDatabase) -> Iterator[Database]:
    made = Database(own.url, pool_size=2, application_name="plans")
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def ledger(owner: Engine, database: Database) -> Ledger:
    with database.transaction() as connection:
        commission_rules.seed(connection, RATE)
    started = clock.monotonic()
    made = fill(owner, PAYMENTS, BUSY_PERCENT, BESIDE)
    sys.stderr.write(f"{made.entries} entries in {clock.monotonic() - started:.0f} s\n")
    return made


def test_plans(database: Database, owner: Engine, ledger: Ledger) -> None:
    """Every statement of every question, command, event, job and timer, explained."""
    PAYMENT.write(database.transaction, walk(database, owner, ledger.provider_id))
    assert not PAYMENT.whole_tables()
