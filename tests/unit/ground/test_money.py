"""Money: integers, one rounding rule, shares that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import ServiceError
from shared.money import EXPONENTS, Money, exponent, parse_major, round_to_step, step

currencies = st.sampled_from(sorted(EXPONENTS))
rates = st.decimals(min_value=0, max_value=1, places=4)


def test_an_amount_is_never_a_float() -> None:
    """rule M1: `int(19.99 * 100)` is 1998; ours reads 19.99 exactly."""
    assert int(19.99 * 100) == 1998
    assert parse_major(Decimal("19.99"), "USD") == Money(1999, "USD")
    with pytest.raises(TypeError):
        Money(19.99, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        ("JPY", "5000", 5000),
        ("KRW", "1", 1),
        ("USD", "0.5", 50),
        ("KWD", "12.350", 12350),
        ("BHD", "1", 1000),
    ],
)
def test_minor_units_follow_iso_4217(currency: str, text: str, minor: int) -> None:
    """rule M2: not every currency has two decimals."""
    assert parse_major(Decimal(text), currency).amount == minor


@given(currencies, st.integers(min_value=0, max_value=10**9))
def test_major_units_and_back(currency: str, minor: int) -> None:
    """rule M2: what is written from the integer reads back as the same integer."""
    money = Money(minor, currency)
    assert parse_major(Decimal(str(money.decimal())), currency) == money
    assert -money.decimal().as_tuple().exponent == exponent(currency)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("currency", "text"), [("USD", "1.001"), ("JPY", "0.5"), ("USD", "NaN"), ("USD", f"5.{'0' * 30}1")]
)
def test_a_finer_amount_is_refused_not_rounded(currency: str, text: str) -> None:
    """promise D7: an amount finer than the currency is `amount_precision`."""
    with pytest.raises(ServiceError) as refusal:
        parse_major(Decimal(text), currency)
    assert refusal.value.code == "amount_precision"


def test_three_decimals_end_in_zero() -> None:
    """rule M3: a dinar's share is rounded to what can be charged."""
    assert Money(12350, "KWD").share(Decimal("0.1")).amount == 1240
    assert step("KWD") == 10


@pytest.mark.parametrize(("value", "rounded"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2)])
def test_rounding_is_half_up(value: str, rounded: int) -> None:
    """rule M6: half up, where Python's own rounding goes to even."""
    assert round_to_step(Decimal(value), "USD") == rounded


@given(currencies, st.integers(min_value=0, max_value=10**9), rates)
def test_two_shares_add_up(currency: str, minor: int, rate: Decimal) -> None:
    """rule M7: one share is rounded, the other is the remainder."""
    whole = Money(minor * step(currency), currency)
    commission = whole.share(rate)
    assert commission + (whole - commission) == whole
    assert commission.amount % step(currency) == 0
    assert 0 <= commission.amount <= whole.amount


def test_currencies_do_not_mix() -> None:
    """rule M5: amounts of two currencies never add up."""
    with pytest.raises(ValueError, match="USD and EUR"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ServiceError):
        Money(1, "ZZZ")
