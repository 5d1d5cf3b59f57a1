"""Shares always add up, in every currency and for every rate."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain import charge_limits
from services.payment.domain.split import divide
from shared.money import EXPONENTS, STEPS, Money, step

rates = st.decimals(min_value=0, max_value=1, places=5)
currencies = st.sampled_from(sorted(EXPONENTS))


@given(st.integers(0, 10**8), st.integers(0, 10**7), rates, currencies)
def test_commission_and_provider_share_add_up(service: int, tip: int, rate: Decimal, currency: str) -> None:
    """promise D2, rules M6, M7 and M8: one share is rounded half up, once, the other is the remainder."""
    unit = step(currency)
    split = divide(Money(service * unit, currency), Money(tip * unit, currency), rate)
    assert split.commission.amount + split.provider.amount == split.total.amount
    assert split.total.amount == (service + tip) * unit
    assert 0 <= split.commission.amount <= split.service.amount
    assert split.provider.amount >= split.tip.amount
    assert split.commission.amount % unit == 0
    exact = Fraction(service) * Fraction(rate)
    assert split.commission.amount // unit == (exact + Fraction(1, 2)).__floor__()


@pytest.mark.parametrize(
    ("service", "currency", "commission"),
    [
        (10000, "USD", 1000),
        (9999, "USD", 1000),
        (5, "USD", 1),
        (4, "USD", 0),
        (12350, "KWD", 1240),
        (12340, "KWD", 1230),
        (5000, "JPY", 500),
        (5, "JPY", 1),
    ],
)
def test_half_a_unit_goes_up(service: int, currency: str, commission: int) -> None:
    """rule M6: `round` would answer 0 for half of one, and quantize too."""
    split = divide(Money(service, currency), Money(0, currency), Decimal("0.10"))
    assert split.commission == Money(commission, currency)


@pytest.mark.parametrize("rate", [Decimal("-0.01"), Decimal("1.01")])
def test_a_rate_out_of_range_is_refused(rate: Decimal) -> None:
    with pytest.raises(ValueError, match="rate"):
        divide(Money(1, "USD"), Money(0, "USD"), rate)


def test_amounts_below_zero_and_of_two_currencies_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        divide(Money(100, "USD"), Money(-1, "USD"), Decimal(0))
    with pytest.raises(ValueError, match="do not add up"):
        divide(Money(100, "USD"), Money(1, "EUR"), Decimal(0))


@given(st.integers(0, 10**8), st.sampled_from(sorted(charge_limits.MINIMUMS)))
def test_the_provider_s_form_of_an_amount(amount: int, currency: str) -> None:
    """rules M2 and M4: also where Stripe wants two decimals that do not exist."""
    sent = charge_limits.provider_amount(Money(amount, currency))
    assert sent == (amount * 100 if currency in ("ISK", "UGX") else amount)


@pytest.mark.parametrize(
    ("currency", "minimum"),
    [("USD", 50), ("GBP", 30), ("JPY", 50), ("SAR", 200), ("KWD", 200), ("HUF", 17500)],
)
def test_the_smallest_charge(currency: str, minimum: int) -> None:
    """rule M18: minimum amounts per currency."""
    assert not charge_limits.is_too_small(Money(minimum, currency))
    assert charge_limits.is_too_small(Money(minimum - 1, currency))


def test_every_minimum_can_be_charged() -> None:
    for currency, amount in charge_limits.MINIMUMS.items():
        money = Money(amount, currency)
        assert charge_limits.is_exact(money)
        assert not charge_limits.is_too_large(money)
        assert amount > 0


def test_most_digits() -> None:
    assert not charge_limits.is_too_large(Money(99_999_999, "USD"))
    assert charge_limits.is_too_large(Money(100_000_000, "USD"))
    assert not charge_limits.is_too_large(Money(100_000_000, "IDR"))
    assert charge_limits.is_too_large(Money(1_000_000, "ISK"))


@pytest.mark.parametrize("currency", sorted(STEPS))
def test_the_last_of_three_decimals_is_zero(currency: str) -> None:
    """rule M3."""
    assert charge_limits.is_exact(Money(12350, currency))
    assert not charge_limits.is_exact(Money(12345, currency))
