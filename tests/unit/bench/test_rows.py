"""How rounds become a row of the bench, and when a row counts as met."""

from collections import Counter

import pytest

from tests.bench.answers import Answers, percentile
from tests.bench.rounds import Subject, measure
from tests.bench.rows import Row, at_least, below, row_of
from tests.bench.table import markdown, table


def _round(rate: int, milliseconds: float = 5.0, **wrong: int) -> Answers:
    """A second of so many answers."""
    return Answers({"page": [milliseconds] * rate}, Counter(wrong), seconds=1.0)


def test_the_ratio_is_taken_round_by_round() -> None:
    """The machine was slow in the second round, for both: that says nothing about ours."""
    row = row_of(
        "ours", [_round(600), _round(60), _round(610)], "floor", [_round(1000), _round(100), _round(1000)]
    )
    assert row.ratio == pytest.approx(0.60)
    assert row.ratio_spread == pytest.approx((0.60, 0.61))
    assert row.rate == 600


def test_rounds_are_interleaved_and_the_warm_up_is_thrown_away() -> None:
    asked: list[str] = []

    def ask(name: str, rate: int) -> Subject:
        def run(seconds: float) -> Answers:
            asked.append(name)
            return _round(rate if len(asked) > 2 else 1)

        return Subject(name, run)

    rows = measure([ask("floor", 100), ask("ours", 50)], rounds=2, seconds=3.0)
    assert asked == ["floor", "ours"] * 3
    assert [row.rate for row in rows] == [100, 50]


@pytest.mark.parametrize(
    ("rate", "wrong", "met"), [(60, {}, True), (59, {}, False), (90, {"page: 429": 1}, False)]
)
def test_a_row_that_has_a_wrong_answer_reaches_nothing(rate: int, wrong: dict[str, int], met: bool) -> None:
    row = row_of("ours", [_round(rate, **wrong)], "floor", [_round(100)]).with_target(at_least(0.6))
    assert row.met is met


def test_a_bound_in_milliseconds_is_held_against_its_percentile() -> None:
    row = row_of("ours", [Answers({"page": [1.0] * 98 + [90.0] * 2}, seconds=1.0)])
    assert row.with_target(below(p50=2)).met is True
    assert row.with_target(below(p50=2, p99=80)).met is False


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99)] == [51, 96, 100]
    assert percentile([7.0], 0.99) == 7


def test_the_table_says_what_is_not_met() -> None:
    rows = [
        row_of("ours", [_round(50)], "floor", [_round(100)]).with_target(at_least(0.6)),
        Row("memory: gateway", value=101.5, unit="MB"),
    ]
    assert "NOT MET" in table(rows)
    assert "| memory: gateway | 102 MB |" in markdown(rows)
