"""What a visit costs and what is given back."""

from datetime import timedelta

import pytest

from services.booking.domain.quotes import quote
from services.booking.domain.refunds import Paid, refund_by_notice, refund_in_full
from services.booking.store.quotes import (
    quote_from_json,
    quote_to_json,
    refund_from_json,
    refund_to_json,
)
from shared.money import Money
from tests.unit.booking.booking_cases import NOW, POLICY

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NOTHING = Paid(Money(0, "USD"), Money(0, "USD"))


@pytest.mark.parametrize(
    ("notice", "percent"),
    [
        (24 * HOUR, 100),
        (24 * HOUR - SECOND, 75),
        (2 * HOUR, 75),
        (2 * HOUR - SECOND, 50),
        (SECOND, 50),
        (-SECOND, 0),
    ],
)
def test_the_edges_of_the_tiers(notice: timedelta, percent: int) -> None:
    """rule B1: at least 24 h 100 %, at least 2 h 75 %, less 50 %; notice is start minus receipt."""
    paid = Paid(Money(10001, "USD"), Money(500, "USD"))
    refund = refund_by_notice(POLICY, paid, NOTHING, notice)
    assert refund.percent == percent
    assert refund.tip == Money(500, "USD")
    assert refund.service == Money({100: 10001, 75: 7501, 50: 5001, 0: 0}[percent], "USD")


@pytest.mark.parametrize(
    ("returned", "due"), [((1000, 0), (6500, 500)), ((7500, 500), (0, 0)), ((9000, 100), (0, 400))]
)
def test_what_was_given_back_before_counts(returned: tuple[int, int], due: tuple[int, int]) -> None:
    """promise C6: all refunds together are never more than what the policy says of what was paid."""
    paid, before = Paid(Money(10000, "USD"), Money(500, "USD")), [Money(part, "USD") for part in returned]
    refund = refund_by_notice(POLICY, paid, Paid(*before), 3 * HOUR)
    assert (refund.percent, refund.service.amount, refund.tip.amount) == (75, *due)


def test_all_of_nothing_is_due_when_nothing_was_paid() -> None:
    """An unpaid booking carries 100 %."""
    nothing = Money(0, "USD")
    refund = refund_in_full(Paid(nothing, nothing))
    assert (refund.percent, refund.tip_percent, refund.service, refund.tip) == (100, 100, nothing, nothing)


@pytest.mark.parametrize(
    ("amount", "currency", "total"), [(12345, "KWD", 12350), (12344, "KWD", 12340), (9999, "JPY", 9999)]
)
def test_a_quote_is_what_can_be_charged(amount: int, currency: str, total: int) -> None:
    """rules M3 and M20: rounded when pricing, so that what is shown is charged; lines add up."""
    made = quote({"en": "Massage"}, Money(amount, currency), POLICY, NOW)
    assert made.total == Money(total, currency)
    assert sum(line.amount.amount for line in made.lines) == total


def test_a_quote_and_a_refund_are_stored_without_loss() -> None:
    """rules M20 and B4: amounts, instant and policy come back as they were frozen."""
    made = quote({"en": "Massage", "ar": "تدليك"}, Money(10000, "USD"), POLICY, NOW)
    assert quote_from_json(quote_to_json(made)) == made
    refund = refund_by_notice(POLICY, Paid(Money(3, "USD"), Money(1, "USD")), NOTHING, timedelta(0))
    assert refund_from_json(refund_to_json(refund)) == refund
