"""What is looked at: from the cache beside a bare page, past it beside an echo."""

from collections.abc import Callable

from tests.bench.bench import READERS, Bench
from tests.bench.rounds import Subject
from tests.bench.rows import Row, at_least, below
from tests.bench.wire import Asked, ask, raw_request
from tests.fixtures.waiting import wait_until

CONSTANT = "floor: constant body"
STORED = "floor: one Redis GET"
ECHO = "floor: echo RPC"
CACHED_SHARE, UNCACHED_SHARE = 0.60, 0.45
ECHO_BODY = b"x" * 300


def cached(bench: Bench) -> list[Row]:
    """The popular questions, whose answers lie in Redis, and half of what was reached, at a constant rate."""
    body = bench.stack.instance.folder / "page.json"
    body.write_bytes(_answer(bench, bench.looks.popular_search()))
    with bench.floor_gateway("page_gateway", BODY_FILE=str(body)) as port:
        ours = [
            bench.subject(f"{kind}, cached", READERS, make, floor=STORED, target=at_least(CACHED_SHARE))
            for kind, make in _popular(bench).items()
        ]
        subjects = [_page(CONSTANT, port, "/constant"), _page(STORED, port, "/stored"), *ours]
        rows = bench.measure(subjects, bench.rounds, bench.seconds)
    rates = {row.name: row.rate or 0.0 for row in rows}
    return [*rows, *(_at_half_load(bench, kind, rates[f"{kind}, cached"]) for kind in _popular(bench))]


def uncached(bench: Bench) -> list[Row]:
    """Questions that nobody has asked: each goes to its service."""
    with bench.floor_service("echo_service"), bench.floor_gateway("echo_gateway") as port:
        echo = Asked("echo", raw_request("POST", "/echo", ECHO_BODY))
        subjects = [
            Subject(ECHO, lambda seconds: ask(port, READERS, lambda: echo, seconds)),
            bench.subject(
                "availability, not cached",
                READERS,
                bench.looks.untouched_times,
                floor=ECHO,
                target=at_least(UNCACHED_SHARE),
            ),
            bench.subject("search, not cached", READERS, bench.looks.search, floor=ECHO),
        ]
        return bench.measure(subjects, bench.rounds, bench.seconds)


def _popular(bench: Bench) -> dict[str, Callable[[], Asked]]:
    looks = bench.looks
    return {
        "search": looks.popular_search,
        "profile": looks.popular_profile,
        "availability": looks.popular_times,
    }


def _at_half_load(bench: Bench, kind: str, rate: float) -> Row:
    row = bench.steady(
        f"{kind}, cached, at half load", _popular(bench)[kind], rate / 2, bench.rounds, bench.seconds
    )
    return row.with_target(below(p99=15))


def _page(name: str, port: int, path: str) -> Subject:
    asked = Asked("page", raw_request("GET", path))
    return Subject(name, lambda seconds: ask(port, READERS, lambda: asked, seconds))


def _answer(bench: Bench, asked: Asked) -> bytes:
    """What the gateway answers to it."""
    found: list[bytes] = []
    once = Asked(asked.kind, asked.raw, asked.expected, found.append)
    wait_until(lambda: bench.ours(1, lambda: once, 0.1) and found, "an answer")
    return found[0]
