"""Visits that are moved: what their price has fallen goes back, and no hold lapses before they are done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.store import moves
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_completed, on_booking_rescheduled
from tests.integration.payment.bookings import NEAR, TOO_FAR_TO_HOLD, Booked, Bookings, ended, moved
from tests.integration.payment.crashes import reconcile
from tests.integration.payment.paying import pay
from tests.integration.payment.records import events, payments_of, run_jobs
from tests.integration.payment.refunding import balances, cancel, refunds_of


@pytest.fixture
def held(desk: Desk, bookings: Bookings) -> Booked:
    """100.00 and a tip of 5.00 for a visit in three days."""
    booked = bookings.hold(ahead=NEAR)
    pay(desk, booked, "5.00")
    return booked


@pytest.fixture
def charged(desk: Desk, bookings: Bookings) -> Booked:
    booked = bookings.hold()
    pay(desk, booked, "5.00")
    return booked


def _row(owner: Engine, booked: Booked) -> dict[str, Any]:
    [row] = payments_of(owner, booked.id)
    return row


def _refunds(owner: Engine, booked: Booked) -> dict[str, tuple[int, int, int]]:
    return {
        one["request_key"]: (one["service_amount"], one["tip_amount"], one["commission_returned"])
        for one in refunds_of(owner, str(_row(owner, booked)["id"]))
    }


def _told_so_far(owner: Engine) -> tuple[int, int]:
    """What went back of the service, and what of that because the visit was moved, as it was told last."""
    so_far = events(owner)[-1]["data"]["refunded_so_far"]
    return so_far["service"]["amount"], so_far["for_moves"]["amount"]


def test_what_the_price_has_fallen_goes_back_once(desk: Desk, charged: Booked, owner: Engine) -> None:
    """promise C6, rule M9: each move once, however often and in whatever order it is told, with its part
    of the commission; cancelling later gives back a part of what the visit costs then."""
    second, first = (moved(charged, version, TOO_FAR_TO_HOLD, 1000 * version) for version in (4, 3))
    for event in (second, first, second):
        on_booking_rescheduled(desk, event)
    run_jobs(desk, owner)
    assert _refunds(owner, charged) == {"rescheduled:3": (3000, 0, 300), "rescheduled:4": (4000, 0, 400)}
    assert _told_so_far(owner) == (7000, 7000)
    cancel(desk, charged, 50, 1500, 500)
    run_jobs(desk, owner)
    assert _told_so_far(owner) == (8500, 7000)
    assert _refunds(owner, charged)[f"booking_cancelled:{charged.id}"] == (1500, 500, 150)
    assert balances(owner, charged.id)["platform_commission"] == -150


def test_what_a_process_of_another_version_did_not_owe_is_owed_by_the_next_round(
    desk: Desk, charged: Booked, owner: Engine
) -> None:
    """promise C6, rule W13: the move is known, and whoever took the money knew nothing of moves."""
    done_by = datetime.now(UTC) - timedelta(days=6)
    with desk.transaction() as connection:
        moves.remember(connection, moves.BookingMove(charged.id, 3, "USD", 2000, done_by))
        moves.remember(connection, moves.BookingMove(charged.id, 4, "USD", 0, done_by))
    assert _refunds(owner, charged) == {}
    for _ in range(2):
        reconcile(desk, owner, events_are_listed=False)
        assert _refunds(owner, charged) == {"rescheduled:3": (2000, 0, 200)}
        run_jobs(desk, owner)
    with desk.transaction() as connection:
        assert moves.not_owed_since(connection, done_by, 1) == []
    assert _told_so_far(owner) == (2000, 2000)


@pytest.mark.parametrize(
    ("heard", "versions"),
    [("before", (3, 4)), ("after", (4, 3))],
    ids=["heard before it is paid", "heard after that, the later first"],
)
def test_what_a_payment_takes_more_than_a_visit_that_was_moved_unpaid_costs_goes_back(
    desk: Desk, bookings: Bookings, owner: Engine, heard: str, versions: tuple[int, int]
) -> None:
    """rules M5 and M20: it was begun at 100.00, before the visit was moved to where it costs 90.00 and then
    80.00; one that was begun afterwards owes nothing."""
    prices = {3: 9000, 4: 8000}
    booked = bookings.hold()
    if heard == "after":
        pay(desk, booked, "5.00")
    for version in versions:
        on_booking_rescheduled(desk, moved(booked, version, TOO_FAR_TO_HOLD, 0, prices[version]))
    if heard == "before":
        pay(desk, booked, "5.00")
    run_jobs(desk, owner)
    assert sum(service for service, _, _ in _refunds(owner, booked).values()) == 2000
    assert _told_so_far(owner) == (2000, 2000)
    on_booking_rescheduled(desk, moved(booked, 5, TOO_FAR_TO_HOLD, 1000))
    run_jobs(desk, owner)
    assert _told_so_far(owner) == (3000, 3000)


def test_what_is_begun_after_an_unpaid_move_owes_nothing(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M20: it takes the price that the visit has since."""
    booked = bookings.hold()
    on_booking_rescheduled(desk, moved(booked, 3, TOO_FAR_TO_HOLD, 0, booked.price.amount))
    pay(desk, booked, "5.00")
    run_jobs(desk, owner)
    assert _refunds(owner, booked) == {}


def test_a_move_without_a_lower_price_changes_no_money(desk: Desk, charged: Booked, owner: Engine) -> None:
    """promise C6: and a cancellation that was heard before leaves nothing that could go back twice."""
    on_booking_rescheduled(desk, moved(charged, 3, TOO_FAR_TO_HOLD, 0))
    cancel(desk, charged, 100, 10000, 500)
    on_booking_rescheduled(desk, moved(charged, 4, TOO_FAR_TO_HOLD, 2000))
    run_jobs(desk, owner)
    assert sum(service for service, _, _ in _refunds(owner, charged).values()) == 10000


def test_a_hold_that_does_not_outlast_the_moved_visit_is_taken_at_once(
    desk: Desk, held: Booked, owner: Engine
) -> None:
    """rule M15: a day before it lapses the visit must count as done; moved within that, it stays held."""
    on_booking_rescheduled(desk, moved(held, 3, NEAR - timedelta(days=1), 0))
    run_jobs(desk, owner)
    assert _row(owner, held)["state"] == "authorized"
    later = moved(held, 4, timedelta(days=20), 0)
    on_booking_rescheduled(desk, later)
    run_jobs(desk, owner)
    row = _row(owner, held)
    assert (row["state"], row["capture_cause"], row["captured_amount"]) == ("captured", "deadline", 10500)
    assert row["visit_done_by"] == later.data["done_by"]
    assert _refunds(owner, held) == {}


def test_a_hold_of_which_a_part_is_due_back_is_taken_and_that_part_given_back(
    desk: Desk, held: Booked, owner: Engine
) -> None:
    """promise C6, rule M9: and cancelling later gives back what booking says beside it."""
    on_booking_rescheduled(desk, moved(held, 3, NEAR, 2000))
    run_jobs(desk, owner)
    assert _row(owner, held)["captured_amount"] == 10500
    assert _refunds(owner, held) == {"rescheduled:3": (2000, 0, 200)}
    cancel(desk, held, 75, 6000, 500)
    run_jobs(desk, owner)
    assert sum(service for service, _, _ in _refunds(owner, held).values()) == 8000


def test_what_was_heard_in_another_order_comes_to_the_same(desk: Desk, held: Booked, owner: Engine) -> None:
    """rule C16: cancelled, then moved: a quarter of the lower price is kept, as in the right order."""
    cancel(desk, held, 75, 6000, 500)
    on_booking_rescheduled(desk, moved(held, 3, NEAR, 2000))
    run_jobs(desk, owner)
    row = _row(owner, held)
    assert row["captured_amount"] - row["refunded_amount"] == 2000
    on_booking_completed(desk, ended(held, "completed"))
    run_jobs(desk, owner)
    assert _row(owner, held)["captured_amount"] == row["captured_amount"]
