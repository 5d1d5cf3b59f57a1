"""What goes back, with its commission, and what a fact moves: numbers that an accountant can follow."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain import capture_postings
from services.payment.domain.postings import Posting, PostingKind
from services.payment.domain.refunds import (
    RefundParts,
    RefundStatus,
    is_refundable,
    later,
    sum_of,
    with_commission,
)
from services.payment.domain.split import Split, divide
from shared.money import Money, step

PROVIDER = "01890000-0000-7000-8000-000000000010"
RATES = st.decimals(0, 1, places=5)


def _refund_in_parts(split: Split, services: list[int]) -> list[RefundParts]:
    done: list[RefundParts] = []
    for service in services:
        so_far = sum_of(done, split.service.currency)
        tip = Money(0, split.service.currency)
        done.append(with_commission(split, so_far, Money(service, tip.currency), tip))
    return done


@pytest.mark.parametrize(
    ("currency", "service", "parts", "returned"),
    [
        ("USD", 10001, [3334, 3334, 3333], [333, 334, 333]),
        ("USD", 10000, [7500], [750]),
        ("USD", 9999, [7499], [750]),
        ("USD", 3, [1, 1, 1], [0, 0, 0]),
        ("USD", 5, [1, 1, 1, 1, 1], [0, 0, 1, 0, 0]),
        ("KWD", 12350, [9260, 3090], [930, 310]),
        ("JPY", 5000, [3750, 1250], [375, 125]),
    ],
)
def test_commission_goes_back_cumulatively(
    currency: str, service: int, parts: list[int], returned: list[int]
) -> None:
    """rule M9: rounded per refund, 100.01 in three parts would return 9.99 of 10.00."""
    split = divide(Money(service, currency), Money(0, currency), Decimal("0.10"))
    found = [part.commission.amount for part in _refund_in_parts(split, parts)]
    assert found == returned
    if sum(parts) == service:
        assert sum(found) == split.commission.amount


@given(st.sampled_from(["USD", "KWD", "JPY"]), st.lists(st.integers(1, 5000), min_size=1, max_size=12), RATES)
def test_parts_return_exactly_the_commission(currency: str, units: list[int], rate: Decimal) -> None:
    """rule M9: in whatever parts, each within its own part, and all of it in the end."""
    parts = [unit * step(currency) for unit in units]
    split = divide(Money(sum(parts), currency), Money(0, currency), rate)
    done = _refund_in_parts(split, parts)
    assert all(0 <= one.commission.amount <= one.service.amount for one in done)
    assert sum(one.commission.amount for one in done) == split.commission.amount


@given(st.integers(0, 100_000), st.integers(0, 10_000), st.integers(0, 100_000), RATES)
def test_a_tip_carries_no_commission(service: int, tip: int, back: int, rate: Decimal) -> None:
    split = divide(Money(service, "USD"), Money(tip, "USD"), rate)
    nothing = sum_of([], "USD")
    assert with_commission(split, nothing, Money(0, "USD"), Money(tip, "USD")).commission.amount == 0
    back = min(back, service)
    parts = with_commission(split, nothing, Money(back, "USD"), Money(tip, "USD"))
    provider_keeps = split.provider - parts.total + parts.commission
    assert provider_keeps.amount >= 0


@pytest.mark.parametrize(
    ("service", "tip", "refundable"),
    [
        (0, 0, False),
        (1, 0, True),
        (60, 5, True),
        (61, 0, False),
        (60, 6, False),
        (-1, 2, False),
        (2, -1, False),
    ],
)
def test_no_more_goes_back_than_is_there(service: int, tip: int, refundable: bool) -> None:
    """rule M11: part by part, beside what is on its way."""
    split = divide(Money(100, "USD"), Money(10, "USD"), Decimal("0.10"))
    so_far = RefundParts(Money(40, "USD"), Money(5, "USD"), Money(4, "USD"))
    assert is_refundable(split, so_far, Money(service, "USD"), Money(tip, "USD")) is refundable


@given(st.lists(st.sampled_from(RefundStatus), max_size=8))
def test_the_order_of_observations_does_not_matter(seen: list[RefundStatus]) -> None:
    """rule W2: also for refunds."""
    ends = set()
    for order in (seen, seen[::-1], sorted(seen)):
        status = RefundStatus.DUE
        for one in order:
            status = later(status, one)
        ends.add(status)
    assert len(ends) == 1


def test_what_does_not_sum_to_zero_is_no_posting() -> None:
    """promise D10: in code before the database refuses it too."""
    with pytest.raises(ValueError, match="sum to zero"):
        Posting(PostingKind.CAPTURED, "captured", (("stripe_clearing", 1),), "USD")


def test_nothing_is_posted_for_no_commission() -> None:
    split = divide(Money(0, "USD"), Money(500, "USD"), Decimal("0.10"))
    assert capture_postings.commission(split).moves == ()
    assert capture_postings.provider_share(split, PROVIDER).moves[1] == (f"provider_payable:{PROVIDER}", -500)
