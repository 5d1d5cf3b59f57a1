"""The rating of a provider follows from the sum and the number of its reviews."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.ratings import Rating

reviews = st.lists(st.integers(1, 5), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("total", "count", "average"),
    [(0, 0, None), (9, 2, "4.50"), (14, 3, "4.67"), (13, 3, "4.33"), (33, 8, "4.13"), (5, 1, "5.00")],
)
def test_two_decimals_half_up(total: int, count: int, average: str | None) -> None:
    """33 / 8 is 4.125: half up, not half even."""
    assert Rating(total, count).average == (None if average is None else Decimal(average))


@given(reviews)
def test_is_never_farther_from_the_mean_than_half_a_hundredth(given_ratings: list[int]) -> None:
    rating = Rating(sum(given_ratings), len(given_ratings))
    assert abs(Fraction(rating.hundredths, 100) - Fraction(rating.total, rating.count)) <= Fraction(1, 200)


def test_without_reviews_there_is_no_average() -> None:
    assert Rating(0, 0).average is None
    assert Rating(0, 0).hundredths == 0


def test_one_review_does_not_beat_a_hundred() -> None:
    """Relevance trusts many reviews of 4.9 more than one of 5, and an unknown more than a bad one."""
    one, hundred = Rating(5, 1), Rating(490, 100)
    assert one.hundredths > hundred.hundredths
    assert hundred.weighted_thousandths > one.weighted_thousandths
    assert Rating(0, 0).weighted_thousandths > Rating(20, 10).weighted_thousandths
