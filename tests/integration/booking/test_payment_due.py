"""Visits of a kept series that are not paid: their customer is told in time, once, and not when they are."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from services.booking.usecases.tell_payment_due import tell_payment_due
from shared import clock
from shared.database.transaction import Transaction
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk

PAID_BEFORE = timedelta(hours=72)


def _told(ledger: Ledger, visits: list[dict[str, Any]]) -> list[list[Any]]:
    events = ledger.events(visits[0]["provider_id"])
    due = [data for name, data in events if name == "booking_payment_due"]
    return [[one["hold_expires_at"] for one in due if one["booking_id"] == v["booking_id"]] for v in visits]


def test_a_day_before_its_hold_ends_a_visit_is_told_once(
    desk: Desk, ledger: Ledger, transaction: Transaction, move_clock: MoveClock
) -> None:
    """promise C6, rule C16: whichever processes look how often; what is paid, or in work, is not told."""
    provider = desk.open_provider()
    made = SeriesDesk(desk).create(provider, desk.day, "FREQ=DAILY;COUNT=4")
    visits = [one["booking"] for one in made["instances"]]
    tell_payment_due(transaction)
    desk.payment_succeeds(visits[0])
    desk.payment_succeeds(visits[1])
    tell_payment_due(transaction)
    ends = visits[2]["starts_at"] - PAID_BEFORE
    with move_clock(_until(ends) - timedelta(hours=24, minutes=1)):
        tell_payment_due(transaction)
    with move_clock(_until(ends) - timedelta(hours=23)):
        payment_id = desk.payment_processing(visits[2]).data["payment_id"]
        tell_payment_due(transaction)
        assert _told(ledger, visits) == [[], [], [], []]
        desk.payment_fails(visits[2], payment_id=payment_id, version=2)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(tell_payment_due, [transaction] * 3))
    assert _told(ledger, visits) == [[], [], [clock.to_text(ends)], []]
    assert ledger.history(visits[2]["booking_id"])[-1][-1] == "payment_due"
    with move_clock(_until(ends) + timedelta(minutes=1)):
        tell_payment_due(transaction)
    assert [len(one) for one in _told(ledger, visits)] == [0, 0, 1, 1]


def test_what_was_in_work_with_the_visit_that_was_paid_is_told_too(
    desk: Desk, ledger: Ledger, transaction: Transaction, move_clock: MoveClock
) -> None:
    """promise C6: a payment in work keeps all of a series until one is paid; it was none of the others."""
    provider = desk.open_provider()
    made = SeriesDesk(desk).create(provider, desk.day, "FREQ=DAILY;COUNT=2")
    visits = [one["booking"] for one in made["instances"]]
    payment_id = desk.payment_processing(visits[0]).data["payment_id"]
    desk.payment_succeeds(visits[0], payment_id=payment_id, version=2)
    ends = visits[1]["starts_at"] - PAID_BEFORE
    with move_clock(_until(ends) - timedelta(hours=23)):
        tell_payment_due(transaction)
    assert _told(ledger, visits) == [[], [clock.to_text(ends)]]


def test_a_hold_that_no_series_keeps_is_not_told(
    desk: Desk, ledger: Ledger, transaction: Transaction
) -> None:
    """promise C5: its customer knows, and it ends in minutes."""
    held = desk.hold(desk.open_provider())
    tell_payment_due(transaction)
    assert _told(ledger, [held]) == [[]]


def _until(instant: datetime) -> timedelta:
    return instant - clock.now()
