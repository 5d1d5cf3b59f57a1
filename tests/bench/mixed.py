"""Customers as they come: of a hundred requests seventy look for care, twenty read, ten book or pay."""

import random

from tests.bench.bench import MOST, Bench
from tests.bench.rows import Row, below
from tests.bench.wire import Asked

LOOKS, READS = 0.70, 0.90
POPULAR = 0.8
"""Of the searches and free times that were asked before."""
AMONG = 200
STEADY, BUSY = 62.5, 300.0
SECONDS = 10.0


class Mix:
    """The next request, drawn; what was held is paid in turn."""

    def __init__(self, bench: Bench, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nobody's secret
        self._looks, self._commands = bench.looks, bench.commands
        self._number = 0

    def __call__(self) -> Asked:
        drawn = self._random.random()
        if drawn < LOOKS:
            return self._look()
        if drawn < READS:
            return self._read()
        if len(self._commands.held) > 0 and self._random.random() < 0.5:
            return self._commands.pay()
        return self._commands.book()

    def _look(self) -> Asked:
        is_popular = self._random.random() < POPULAR
        if self._random.random() < 0.5:
            return self._looks.popular_search(AMONG) if is_popular else self._looks.search()
        return self._looks.popular_times(AMONG) if is_popular else self._looks.untouched_times()

    def _read(self) -> Asked:
        self._number += 1
        if self._number % 2:
            return self._looks.popular_profile(AMONG)
        return self._commands.look_at_own(self._number // 2)


def mixed(bench: Bench) -> list[Row]:
    """At the rate that the platform's predecessor claims, and at nearly five times as much."""
    mix = Mix(bench)
    bench.ours(MOST, mix, bench.seconds, STEADY)
    rounds = max(1, bench.rounds // 2)
    return [
        bench.steady(f"mixed, {rate:g} a second", mix, rate, rounds, SECONDS).with_target(target)
        for rate, target in ((STEADY, below(p50=8, p95=30, p99=80)), (BUSY, below(p99=250)))
    ]
