"""Whether it stays as fast when there is more: bookings of one provider, providers, processes."""

import itertools
from collections.abc import Callable

import redis

from tests.bench import world
from tests.bench.answers import Answers
from tests.bench.bench import READERS, WRITERS, Bench
from tests.bench.market import BOOKINGS, PROVIDERS
from tests.bench.rounds import Subject
from tests.bench.rows import Row, Target
from tests.bench.stage import analyze, execute
from tests.bench.wire import Asked
from tests.bench.world import Provider

HISTORIES = (10, 1000, 100_000)
FLAT = 0.85
"""Of the rate with the fewest: what counts as flat, since rounds differ by as much."""
SEARCH_SLOWER = 3.0
COPIES, CITIES = 99, 20
"""A hundred thousand providers in twenty cities: five thousand where one thousand were."""
MORE_PROCESSES = (2, 4)


def bookings(bench: Bench) -> list[Row]:
    """Three providers that differ in what is behind them alone: by turns, since the database is the same."""
    houses = world.providers()[-len(HISTORIES) :]
    for house, count in zip(houses, HISTORIES, strict=True):
        execute(
            bench.stack, "booking", BOOKINGS.format(provider=house.id, service=house.service_id, count=count)
        )
    analyze(bench.stack)
    few = HISTORIES[0]
    subjects = [
        Subject(
            _with_history(kind, count),
            asking(bench, house),
            floor="" if count == few else _with_history(kind, few),
            target=None if count == few else _flat(),
        )
        for house, count in zip(houses, HISTORIES, strict=True)
        for kind, asking in (("availability, not cached", _times), ("create booking", _hours))
    ]
    return bench.measure(subjects, bench.rounds, min(bench.seconds, 1.0))


def providers(bench: Bench) -> list[Row]:
    """Searches that nobody has asked, among a thousand providers and among a hundred thousand."""
    rows = []
    for copies in (0, COPIES):
        if copies:
            execute(bench.stack, "search", PROVIDERS.format(copies=copies, cities=CITIES))
            analyze(bench.stack)
        name = f"search, not cached, {world.PROVIDERS * (1 + copies):,} providers"
        subject = bench.subject(name, READERS, bench.looks.search)
        rows += bench.measure([subject], bench.rounds, bench.seconds)
    few, many = rows
    slower = (many.p50_ms or 0) / (few.p50_ms or 1)
    target = Target(f"p50 < {SEARCH_SLOWER:g} times that of 1,000", lambda row: slower < SEARCH_SLOWER)
    return [few, many.with_target(target)]


def worker_processes(bench: Bench) -> list[Row]:
    """Booking in one to four processes."""
    rows, extra = [], list[str]()
    for count in (1, *MORE_PROCESSES):
        while len(extra) + 1 < count:
            extra.append(bench.stack.start_extra("booking", len(extra) + 2))
        subjects = [
            bench.subject(f"create booking, {count} processes", WRITERS, bench.commands.book),
            bench.subject(
                f"availability, not cached, {count} processes", READERS, bench.looks.untouched_times
            ),
        ]
        rows += bench.measure(subjects, max(1, bench.rounds // 2), bench.seconds)
    for name in extra:
        bench.stack.stop_process(name)
    return rows


def _with_history(kind: str, count: int) -> str:
    return f"{kind}, {count:,} bookings behind"


def _flat() -> Target:
    return Target(
        f"ratio >= {FLAT:.2f}", lambda row: row.ratio is not None and row.ratio >= FLAT and not row.wrong
    )


def _times(bench: Bench, house: Provider) -> Callable[[float], Answers]:
    """Its free times of any day, service and carer: more than are asked for in a round, before which what
    the cache has of them is thrown away."""
    days = [world.day(ahead) for ahead in range(1, world.LAST_DAY)]
    asked = itertools.cycle(itertools.product(days, house.service_ids, ("", *house.staff_ids)))
    client = redis.Redis.from_url(bench.stack.redis_url)

    def ask(seconds: float) -> Answers:
        for key in client.scan_iter(match=f"*availability:{house.id}*"):
            client.delete(key)
        return bench.ours(READERS, lambda: bench.looks.times(house, *next(asked)), seconds)

    return ask


def _hours(bench: Bench, house: Provider) -> Callable[[float], Answers]:
    """Each of its free hours once."""
    hours = itertools.product(
        range(world.FIRST_DAY, world.LAST_DAY), range(world.OPENS, world.CLOSES), range(house.staff)
    )

    def make() -> Asked:
        ahead, hour, _ = next(hours)
        return bench.commands.book_at(house, ahead, hour)

    return lambda seconds: bench.ours(WRITERS, make, seconds)
