"""Visits of a series that are kept and not paid yet move with the others, and are paid as they are then."""

from datetime import timedelta
from typing import Any

import pytest

from services.booking.usecases.tell_payment_due import tell_payment_due
from shared import clock
from shared.database.transaction import Transaction
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk
from tests.integration.booking.test_series import visits

Value = dict[str, Any]
BEFORE = timedelta(hours=72)


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider()


@pytest.fixture
def customer(desk: Desk) -> SeriesDesk:
    return SeriesDesk(desk)


@pytest.fixture
def series(desk: Desk, provider: Provider, customer: SeriesDesk) -> Value:
    """Three visits, of which the first is paid."""
    made = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=3")
    desk.payment_succeeds(visits(made)[0])
    return customer.get(made)


def _price(ledger: Ledger, provider: Provider, amount: int) -> None:
    ledger.run(
        "UPDATE service SET price_amount = :amount WHERE id = :id", amount=amount, id=provider.services[0]
    )


def _told(instances: list[Value]) -> list[str]:
    return [one["code"] or one["outcome"] for one in instances]


def test_they_move_with_those_that_are_paid(desk: Desk, customer: SeriesDesk, series: Value) -> None:
    """rule T17, promise C6: still to be paid, 72 hours before their new time; shown before."""
    seen = customer.preview_move(series, "all", shift_days=7, start_time="12:00")
    assert [one["prospect"] for one in seen] == ["free"] * 3
    told = customer.move(series, "all", shift_days=7, start_time="12:00")
    assert _told(told) == ["moved"] * 3
    assert [one["booking"]["state"] for one in told] == ["confirmed", "pending", "pending"]
    for before, after in zip(visits(series)[1:], visits(customer.get(series))[1:], strict=True):
        assert after["starts_at"] - before["starts_at"] == timedelta(days=7, hours=2)
        assert after["hold_expires_at"] == after["starts_at"] - BEFORE
        desk.payment_succeeds(desk.prepare(after))
        assert desk.look(after)["state"] == "confirmed"


def test_until_one_is_paid_they_are_held_anew_instead(
    desk: Desk, provider: Provider, customer: SeriesDesk
) -> None:
    """rule C18: holds of minutes are no longer held by being moved; nor is one that has run out."""
    made = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")
    seen = customer.preview_move(made, "all", start_time="12:00")
    assert [one["prospect"] for one in seen] == ["not_agreed"] * 2
    told = customer.move(made, "all", start_time="12:00")
    assert _told(told) == ["booking_state_conflict"] * 2


def test_a_hold_that_has_run_out_is_not_moved(
    customer: SeriesDesk, series: Value, move_clock: MoveClock
) -> None:
    """rule C7: whether or not it is swept."""
    with move_clock(visits(series)[1]["hold_expires_at"] - clock.now()):
        assert customer.preview_move(series, "one", 2, start_time="12:00")[0]["prospect"] == "not_agreed"
        assert _told(customer.move(series, "one", 2, start_time="12:00")) == ["booking_state_conflict"]


def test_a_lower_price_is_what_is_to_be_paid_and_a_higher_one_moves_nothing(
    desk: Desk, provider: Provider, customer: SeriesDesk, series: Value, ledger: Ledger
) -> None:
    """promise C6, rule M20: as of a paid one, but that nothing is due back of what nobody has paid."""
    _price(ledger, provider, 12000)
    assert _told(customer.move(series, "one", 2, start_time="12:00")) == ["costs_more"]
    _price(ledger, provider, 8000)
    [seen] = customer.preview_move(series, "one", 2, start_time="12:00")
    assert [seen["quote"][name]["amount"] for name in ("price", "service_refund")] == [8000, 0]
    [told] = customer.move(series, "one", 2, start_time="12:00")
    assert told["booking"]["quote"]["total"]["amount"] == 8000
    [moved] = [data for name, data in ledger.events(provider.provider_id) if name == "booking_rescheduled"]
    assert (moved["state"], moved["service_refund"]["amount"]) == ("pending", 0)


@pytest.mark.parametrize(("paid", "service"), [(10000, 8000), (8000, 8000)], ids=["before", "after"])
def test_a_payment_that_was_begun_before_the_move_pays_no_more_than_the_price(
    desk: Desk,
    provider: Provider,
    customer: SeriesDesk,
    series: Value,
    ledger: Ledger,
    paid: int,
    service: int,
) -> None:
    """rules M5 and M20: what it takes more is due back by the move, and is no part of what cancelling gives
    back."""
    _price(ledger, provider, 8000)
    [told] = customer.move(series, "one", 2, start_time="12:00")
    desk.payment_succeeds(told["booking"], service=paid)
    assert desk.look(told["booking"])["state"] == "confirmed"
    quote = desk.refund_quote(told["booking"])
    assert quote["service_refund"]["amount"] == service


def test_they_are_told_again_when_the_new_time_is_to_be_paid(
    customer: SeriesDesk, series: Value, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C6: whoever was told before has another time to pay since."""

    def told() -> int:
        tell_payment_due(transaction)
        count = "SELECT count(*) FROM booking_history WHERE booking_id = :id AND reason = 'payment_due'"
        return int(ledger.one(count, id=visits(series)[1]["booking_id"]))

    due = visits(series)[1]["hold_expires_at"] - timedelta(hours=23)
    with move_clock(due - clock.now()):
        assert [told(), told()] == [1, 1]
        assert _told(customer.move(series, "one", 2, shift_days=10)) == ["moved"]
        assert told() == 1
    with move_clock(due + timedelta(days=10) - clock.now()):
        assert [told(), told()] == [2, 2]
