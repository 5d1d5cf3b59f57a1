"""Which line of the commission rules counts, and how months of the operator are cut."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain.commission import (
    CommissionLine,
    CommissionRules,
    PaymentFacts,
    choose,
    needs_volume,
)
from services.payment.domain.operator_days import beginning_of, day_of, days, each_day, month_before

SOON = datetime(2027, 1, 1, tzinfo=UTC)
ANN, BOB = "ann", "bob"
LINES = {
    "both": CommissionLine("both", Decimal("0.01"), ANN, "massage"),
    "provider": CommissionLine("provider", Decimal("0.02"), ANN),
    "provider tier": CommissionLine("provider tier", Decimal("0.03"), ANN, None, 50),
    "category": CommissionLine("category", Decimal("0.04"), None, "massage"),
    "category tier": CommissionLine("category tier", Decimal("0.05"), None, "massage", 10),
    "tier": CommissionLine("tier", Decimal("0.06"), None, None, 10),
    "high tier": CommissionLine("high tier", Decimal("0.07"), None, None, 100),
}


def chosen(facts: PaymentFacts, bookings: int, *names: str) -> str:
    lines = tuple(LINES[name] for name in names or LINES)
    return choose(CommissionRules("set", Decimal("0.1"), SOON, lines), facts, bookings).line_id or "default"


@pytest.mark.parametrize(
    ("provider", "category", "bookings", "line"),
    [
        (ANN, "massage", 1000, "both"),
        (ANN, "nursing", 0, "provider"),
        (ANN, "nursing", 50, "provider tier"),
        (ANN, None, 49, "provider"),
        (BOB, "massage", 0, "category"),
        (BOB, "massage", 9, "category"),
        (BOB, "massage", 10, "category tier"),
        (BOB, "nursing", 9, "default"),
        (BOB, "nursing", 10, "tier"),
        (BOB, "nursing", 99, "tier"),
        (BOB, "nursing", 100, "high tier"),
        (BOB, None, 0, "default"),
    ],
)
def test_the_most_special_line_counts(provider: str, category: str | None, bookings: int, line: str) -> None:
    """promise D9: provider before category before tier; the set's own rate for what nothing matches."""
    assert chosen(PaymentFacts(provider, category), bookings) == line


@given(st.permutations(sorted(LINES)), st.sampled_from([ANN, BOB]), st.integers(0, 200))
def test_the_order_of_the_lines_does_not_matter(names: list[str], provider: str, bookings: int) -> None:
    facts = PaymentFacts(provider, "massage")
    assert chosen(facts, bookings, *names) == chosen(facts, bookings)


@given(st.lists(st.sampled_from(sorted(LINES)), unique=True), st.integers(0, 200))
def test_volume_is_asked_for_exactly_where_it_may_decide(names: list[str], bookings: int) -> None:
    """promise D9: what is not counted would have changed nothing."""
    rules = CommissionRules("set", Decimal("0.1"), SOON, tuple(LINES[name] for name in names))
    for facts in (PaymentFacts(ANN, None), PaymentFacts(BOB, "massage")):
        if not needs_volume(rules, facts):
            assert choose(rules, facts, bookings) == choose(rules, facts, 0)


@pytest.mark.parametrize(
    ("zone", "instant", "begins", "ends"),
    [
        ("UTC", "2027-03-01T00:00:00+00:00", "2027-02-01T00:00:00+00:00", "2027-03-01T00:00:00+00:00"),
        ("America/New_York", "2027-03-01T04:59:59+00:00", "2027-01-01T05:00+00:00", "2027-02-01T05:00+00:00"),
        ("America/New_York", "2027-04-01T04:00:00+00:00", "2027-03-01T05:00+00:00", "2027-04-01T04:00+00:00"),
        ("Asia/Kathmandu", "2027-01-31T18:15:00+00:00", "2026-12-31T18:15+00:00", "2027-01-31T18:15+00:00"),
    ],
)
def test_a_month_is_the_operator_s(zone: str, instant: str, begins: str, ends: str) -> None:
    """promise D9, rule B18: whole months of the operator's zone, across changes of the clocks."""
    found = month_before(datetime.fromisoformat(instant), ZoneInfo(zone))
    assert (found.begins, found.ends) == (datetime.fromisoformat(begins), datetime.fromisoformat(ends))


@given(
    st.sampled_from(["UTC", "Africa/Cairo", "America/Havana", "Asia/Beirut", "America/Santiago"]),
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
)
def test_each_instant_is_in_one_day(zone_name: str, day: date) -> None:
    """rules T3 and B18: days follow each other, also where midnight is skipped or comes twice."""
    zone = ZoneInfo(zone_name)
    period = days(day, day, zone)
    following = next(iter(each_day(day, day))).toordinal() + 1
    assert period.ends == beginning_of(date.fromordinal(following), zone)
    assert day_of(period.begins, zone) == day
