"""The money of a visit that its customer missed: what is the provider's waits while it may be contested."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_cancelled
from services.payment.usecases.hear_no_shows import on_booking_contested, on_booking_no_show_stands
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.reconcile_books import compare_all
from tests.integration.payment.bookings import NEAR, Booked, Bookings, due, ended
from tests.integration.payment.paying import pay
from tests.integration.payment.records import payments_of, rows, run_jobs
from tests.integration.payment.refunding import balances, miss, refunds_of
from tests.integration.payment.visits import share_of

OVERTURNED = "no_show_overturned"


def _differences(desk: Desk) -> list[str]:
    compared = compare_all(desk.transaction, desk.providers, datetime.now(UTC) - timedelta(days=1))
    return [one.name for each in compared for one in each.differences]


def _let_time_pass(owner: Engine) -> None:
    rows(owner, "UPDATE provider_share SET over_at = over_at - interval '10 days' RETURNING 1")


def _contest(desk: Desk, booked: Booked) -> None:
    on_booking_contested(desk, ended(booked, "contested", version=4))


def _overturn(desk: Desk, booked: Booked) -> None:
    everything = due(booked, 100, 10000, 500) | {"cancel_cause": OVERTURNED, "version": 5}
    on_booking_cancelled(desk, ended(booked, "cancelled", **everything))


@pytest.fixture(params=["charged", "held"])
def booked(request: pytest.FixtureRequest, desk: Desk, bookings: Bookings) -> Booked:
    """100.00 and a tip of 5.00: taken when it was booked, or held until after the visit."""
    made = bookings.hold(ahead=NEAR) if request.param == "held" else bookings.hold()
    pay(desk, made, "5.00")
    return made


def _row(owner: Engine, booked: Booked) -> dict[str, Any]:
    [row] = payments_of(owner, booked.id)
    return row


def test_the_service_of_a_missed_visit_is_the_provider_s_and_waits(
    desk: Desk, booked: Booked, owner: Engine
) -> None:
    """promise D3, rule B6: the tip goes back or is never taken; the share waits from the end of the time to
    contest on; the books agree."""
    until = datetime.now(UTC) + timedelta(hours=24)
    miss(desk, booked, 0, 0, 500, contest_until=until)
    run_jobs(desk, owner)
    row = _row(owner, booked)
    was_held = row["capture_method"] == "manual"
    assert (row["capture_cause"], row["captured_amount"]) == (
        ("no_show", 10000) if was_held else (None, 10500)
    )
    assert [one["tip_amount"] for one in refunds_of(owner, row["id"])] == ([] if was_held else [500])
    assert balances(owner, booked.id)["provider_payable"] == -9000
    assert share_of(owner, row["id"])["over_at"] == until
    assert release_shares(desk) == 0
    _let_time_pass(owner)
    assert release_shares(desk) == 1
    assert _differences(desk) == []


def test_while_it_is_contested_nothing_is_released(desk: Desk, booked: Booked, owner: Engine) -> None:
    """rule B6: however long it takes, and told twice or too late; once it stands, the money goes on."""
    miss(desk, booked, 0, 0, 500)
    run_jobs(desk, owner)
    for _ in range(2):
        _contest(desk, booked)
    _let_time_pass(owner)
    assert release_shares(desk) == 0
    on_booking_no_show_stands(desk, ended(booked, "stands", version=5))
    _contest(desk, booked)
    assert release_shares(desk) == 1
    assert _differences(desk) == []


@pytest.mark.parametrize("is_late", [False, True])
def test_an_overturned_one_gives_everything_back(
    desk: Desk, booked: Booked, owner: Engine, is_late: bool
) -> None:
    """rules B6 and M11: what is left of what was taken, once, whether or not the money was taken before the
    decision; commission goes back with it, and nothing is the provider's."""
    miss(desk, booked, 0, 0, 500)
    if is_late:
        run_jobs(desk, owner)
    _contest(desk, booked)
    for _ in range(2):
        _overturn(desk, booked)
        run_jobs(desk, owner)
    row = _row(owner, booked)
    assert (row["state"], row["refunded_amount"]) == ("refunded", row["captured_amount"])
    after = balances(owner, booked.id)
    assert {name: amount for name, amount in after.items() if amount} == {}
    _let_time_pass(owner)
    release_shares(desk)
    assert balances(owner, booked.id).get("provider_due", 0) == 0
    assert _differences(desk) == []


def test_news_of_a_no_show_that_come_after_its_overturning_change_nothing(
    desk: Desk, booked: Booked, owner: Engine
) -> None:
    """rule C16: events come in any order; the later version counts."""
    _overturn(desk, booked)
    _contest(desk, booked)
    miss(desk, booked, 0, 0, 500)
    run_jobs(desk, owner)
    row = _row(owner, booked)
    assert row["refunded_amount"] == row["captured_amount"]
    held = rows(owner, "SELECT is_open FROM payout_hold WHERE payment_id = :id", id=row["id"])
    assert [one["is_open"] for one in held] == [False]
    assert _differences(desk) == []
