"""Many processes want the same hours in every way there is; for long by `make race`."""

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest

from services.booking.settings import BookingSettings
from shared.database.transaction import Database
from tests.fixtures.servers import ServiceDatabase, owner_engine, service_database
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger
from tests.integration.race import referee
from tests.integration.race.contests import Grounds, Kind
from tests.integration.race.racers import NOTHING_TO_OFFER, WON, Racers, racers

SHORT, LEAST = 600, 5000
"""Attempts inside `make test`, and by `make race` at least."""
WANTED = int(os.environ.get("RACE_ATTEMPTS", SHORT))
PROCESSES, EACH = 6, 4
LEAST_CONTENDED = 0.3
REFUSED = {"slot_taken", "session_full", "resource_busy", NOTHING_TO_OFFER}
SEED = 20261126


@pytest.fixture(scope="module")
def own() -> Iterator[ServiceDatabase]:
    with service_database("booking") as made:
        yield made


@pytest.fixture(scope="module")
def ledger(own: ServiceDatabase) -> Iterator[Ledger]:
    engine = owner_engine(own.owner_url)
    yield Ledger(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def desk(own: ServiceDatabase) -> Iterator[Desk]:
    database = Database(own.url, pool_size=2, application_name="care race")
    yield Desk(database.transaction, BookingSettings(database_url=own.url, amqp_uri=""))
    database.dispose()


@pytest.fixture(scope="module")
def starters(own: ServiceDatabase) -> Iterator[Racers]:
    with racers(own.url, PROCESSES) as started:
        yield started


def test_as_many_win_as_there_is_room_for(desk: Desk, ledger: Ledger, starters: Racers) -> None:
    """promise C2, rules C1 to C10 and C18: whatever they want and whatever stands in their way; nobody waits
    for another in a circle, and nothing but a refusal is told to those who lose."""
    grounds = Grounds(desk, ledger, Random(SEED))  # noqa: S311 (no secret)
    tried, fought, ways = Counter[Kind](), Counter[Kind](), Counter[Kind]()
    won: defaultdict[Kind, Counter[int]] = defaultdict(Counter)
    repeats = 0
    for contest in islice(grounds.contests(PROCESSES * EACH), -(-WANTED // (PROCESSES * EACH))):
        shares = [contest.attempts[number::PROCESSES] for number in range(PROCESSES)]
        outcomes = starters.race(shares)
        wins = sum(one.code == WON for one in outcomes)
        assert (wins, referee.visits(ledger, contest)) == (contest.wins, contest.visits), contest
        assert {one.code for one in outcomes} <= {WON, *REFUSED}
        tried[contest.kind] += len(outcomes)
        fought[contest.kind] += len(referee.contended(outcomes))
        won[contest.kind][wins] += 1
        repeats += sum(one.repeats for one in outcomes)
        if contest.kind is Kind.MIXED:
            ways.update(one.attempt.kind for one in outcomes if one.code == WON)
    deadlocks = referee.deadlocks(ledger)
    _print(tried, fought, won, ways)
    sys.stdout.write(f"  deadlocks: {deadlocks}; repeated after a lock was waited for in vain: {repeats}\n")
    assert referee.broken(ledger) == {}
    assert deadlocks == 0
    assert tried.total() >= (LEAST if "RACE_ATTEMPTS" in os.environ else SHORT)
    assert fought.total() >= LEAST_CONTENDED * tried.total()


def _print(
    tried: Counter[Kind], fought: Counter[Kind], won: defaultdict[Kind, Counter[int]], ways: Counter[Kind]
) -> None:
    """The table of all kinds; and by which way the mixed rounds were won."""
    lines = [f"  {'kind':18} {'attempts':>8} {'contended':>9}  rounds by winners"]
    for kind in Kind:
        rounds = ", ".join(f"{number}: {rounds}" for number, rounds in sorted(won[kind].items()))
        lines.append(f"  {kind.value:18} {tried[kind]:8} {fought[kind]:9}  {rounds}")
    lines.append(f"  mixed, won by: {', '.join(f'{way.value} {wins}' for way, wins in ways.most_common())}")
    lines.append(f"  {'all':18} {tried.total():8} {fought.total():9}")
    sys.stdout.write("\n".join(["", *lines, ""]))
