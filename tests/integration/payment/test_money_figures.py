"""Figures of money are sums of the ledger: equal to the unit, by whatever they are told apart."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.store.figures import Figure
from services.payment.usecases import money_figures
from services.payment.usecases.desk import Desk
from services.payment.usecases.money_figures import get_money_figures
from services.payment.usecases.refunds_due import refund_part
from shared.contracts.declaration import Caller, read, write
from shared.contracts.payment_books import GET_MONEY_FIGURES
from shared.contracts.payment_books_forms import GroupBy
from shared.errors import ServiceError
from shared.ids import new_id
from shared.money import Money, step
from tests.integration.payment.bookings import NEAR, TOO_FAR_TO_HOLD
from tests.integration.payment.lives.life import Step, begin, go
from tests.integration.payment.lives.written import HELD_LIFE, PLAIN_LIFE, TIPPED_LIFE, TWICE_LIFE
from tests.integration.payment.records import clear, rows
from tests.integration.payment.ruling import ADMIN, Market

FIRST = datetime(2027, 3, 10, tzinfo=UTC)
DAYS = {"from_date": "2027-03-11", "to_date": "2027-03-17"}
ZONE = ZoneInfo("America/New_York")
"""Its clocks change on the 14th, and its days are not those of UTC."""

LIVES = st.lists(
    st.tuples(
        st.sampled_from(["massage", "nursing", None]),
        st.integers(200, 99999),
        st.sampled_from(["USD", "KWD", "JPY"]),
        st.integers(0, 100),
        st.integers(0, 9 * 24 * 60),
    ),
    min_size=1,
    max_size=6,
)


def _asked(group: GroupBy, currency: str | None = None) -> dict[str, Any]:
    return read(GET_MONEY_FIGURES.request, {**DAYS, "group_by": group.value, "currency": currency})


def _live(market: Market, lives: list[Any]) -> None:
    for category, amount, currency, percent, minutes in lives:
        unit = step(currency)
        payment = market.paid(category, amount * unit, currency, tip="1")
        back = Money(amount * percent // 100 * unit, currency)
        if back.amount:
            refund_part(market.desk, str(payment["id"]), back, Money(0, currency), "part")
        market.move(payment, FIRST + timedelta(minutes=minutes))


def _ledger(owner: Engine, days: dict[str, str] = DAYS) -> list[dict[str, Any]]:
    """Entries with what they are told apart by, cut by days as Python sees them."""
    found = rows(
        owner,
        "SELECT t.kind, t.posted_at, e.account, e.amount, e.currency, p.category, p.city, p.provider_id, "
        "p.kind AS paid_for, p.paid_twice "
        "FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.transaction_id "
        "JOIN payment p ON p.id = t.payment_id",
    )
    for one in found:
        one["day"] = one["posted_at"].astimezone(ZONE).date().isoformat()
        one["provider"] = str(one["provider_id"])
    return [one for one in found if days["from_date"] <= one["day"] <= days["to_date"]]


def _expected(entries: list[dict[str, Any]], group: GroupBy) -> dict[tuple[Any, str], tuple[int, ...]]:
    sums: defaultdict[tuple[Any, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in entries:
        of = sums[one[group.value], one["currency"]]
        if one["account"] in ("stripe_clearing", "tap_clearing") and one["kind"] == "captured":
            of[0] += one["amount"]
            of[3] += one["paid_for"] == "booking" and not one["paid_twice"]
        elif one["account"] == "platform_commission":
            of[1] -= one["amount"]
        elif one["account"] == "refunds_payable" and one["kind"] in ("refund_owed", "refund_covered"):
            of[2] -= one["amount"]
    return {key: tuple(values) for key, values in sums.items()}


def _found(views: list[dict[str, Any]]) -> dict[tuple[Any, str], tuple[int, ...]]:
    return {
        (one["group"], one["revenue"]["currency"]): (
            one["revenue"]["amount"],
            one["commission"]["amount"],
            one["refunds"]["amount"],
            one["bookings"],
        )
        for one in views
    }


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(LIVES)
def test_figures_are_the_ledger_s(
    desk: Desk, owner: Engine, gateway: StripeGateway, lives: list[Any]
) -> None:
    """promise D10, rule B18: by day of the operator's zone, category, city, provider and currency; groups and
    totals add up to the ledger's entries of these days, to the unit, and no currency meets another."""
    clear(owner)
    market = Market(replace(desk, operator_zone=ZONE), owner, gateway)
    _live(market, lives)
    entries = _ledger(owner)
    for group in GroupBy:
        answer = get_money_figures(market.desk, _asked(group), ADMIN)
        write(GET_MONEY_FIGURES.answer, answer)
        assert _found(answer["figures"]) == _expected(entries, group)
        totals = {currency: values for (_, currency), values in _found(answer["totals"]).items()}
        by_currency = _expected(entries, GroupBy.CURRENCY)
        assert totals == {currency: values for (currency, _), values in by_currency.items()}
        for one in answer["figures"]:
            exact = one["revenue"]["amount"] / one["bookings"] if one["bookings"] else None
            average = one["average_per_booking"]
            assert (average is None) == (exact is None)
            if exact is not None:
                unit = step(one["revenue"]["currency"])
                assert abs(average["amount"] - exact) <= unit / 2
                assert average["amount"] % unit == 0


@pytest.mark.parametrize(
    ("steps", "ahead", "revenue", "paid_for"),
    [
        (PLAIN_LIFE, TOO_FAR_TO_HOLD, 10501 + 10001, 2),
        (HELD_LIFE, NEAR, 2500, 1),
        (TIPPED_LIFE, NEAR, 10501 + 700, 1),
        (TWICE_LIFE, TOO_FAR_TO_HOLD, 10501 * 2, 1),
    ],
    ids=["disputes and several refunds", "a part of a hold", "a tip later", "paid twice"],
)
def test_figures_are_the_ledger_s_whatever_becomes_of_money(
    steps: list[Step],
    ahead: timedelta,
    revenue: int,
    paid_for: int,
    desk: Desk,
    owner: Engine,
    gateway: StripeGateway,
) -> None:
    """promise D10, rule B18: what is captured in part or later, refunds that a bank covers, what banks keep
    of the commission; a tip and what pays twice are no bookings."""
    life = begin(replace(desk, operator_zone=ZONE), owner, gateway, "USD", ahead)
    life.bookings.publish_service(life.desk, life.booked, "massage")
    go(life, steps)
    today = datetime.now(ZONE).date()
    days = {"from_date": str(today - timedelta(days=1)), "to_date": str(today + timedelta(days=1))}
    entries = _ledger(owner, days)
    for group in GroupBy:
        answer = get_money_figures(life.desk, _asked(group) | days, ADMIN)
        assert _found(answer["figures"]) == _expected(entries, group)
    [total] = answer["totals"]
    assert (total["revenue"]["amount"], total["bookings"]) == (revenue, paid_for)
    of_booking = [one for one in life.payments() if one["captured_amount"]]
    assert {(one["category"], one["city"]) for one in of_booking} == {("massage", "New York")}


def test_one_currency_alone(desk: Desk, owner: Engine, gateway: StripeGateway) -> None:
    market = Market(replace(desk, operator_zone=ZONE), owner, gateway)
    _live(market, [("massage", 10000, "USD", 0, 3 * 24 * 60), ("massage", 5000, "JPY", 0, 3 * 24 * 60)])
    answer = get_money_figures(market.desk, _asked(GroupBy.CITY, "JPY"), ADMIN)
    assert [(one["group"], one["revenue"]) for one in answer["figures"]] == [
        ("New York", {"amount": 5001, "currency": "JPY"})
    ]


def test_an_average_is_rounded_half_up_to_what_can_be_charged() -> None:
    """rule M6: 1.005 dollars are 1.01, and 0.015 dinars 0.020."""
    usd = money_figures._average(Figure(None, "USD", 201, 0, 0, 2, 201))
    kwd = money_figures._average(Figure(None, "KWD", 30, 0, 0, 2, 30))
    assert usd == {"amount": 101, "currency": "USD"}
    assert kwd == {"amount": 20, "currency": "KWD"}


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ({"from_date": "2027-03-18", "to_date": "2027-03-17"}, "validation_failed"),
        ({"from_date": "2027-02-30", "to_date": "2027-03-17"}, "validation_failed"),
        ({"from_date": "0001-01-01", "to_date": "9999-12-31"}, "validation_failed"),
        ({"from_date": "2026-01-01", "to_date": "2027-01-02"}, "period_too_long"),
    ],
)
def test_days_that_are_none_are_refused(desk: Desk, days: dict[str, str], code: str) -> None:
    with pytest.raises(ServiceError, match=code):
        get_money_figures(desk, _asked(GroupBy.DAY) | days, ADMIN)


def test_only_administrators_see_figures(desk: Desk) -> None:
    """rule B11."""
    with pytest.raises(ServiceError, match="not_found"):
        get_money_figures(desk, _asked(GroupBy.DAY), Caller(user_id=new_id(), roles=("provider",)))
