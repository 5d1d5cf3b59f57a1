"""Visits of a kept series that are not paid: their customer is told in time, once, and not when they are."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from services.booking.usecases.tell_payment_due import tell_payment_due
from shared import clock
from shared.database.transaction import Transaction
from tests.fixtures.waiting import wait_until
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


def test_a_look_that_takes_long_tells_nobody_again(
    desk: Desk, ledger: Ledger, transaction: Transaction, move_clock: MoveClock
) -> None:
    """promise C6, rule C16: another process has told them while this one was on its way to their rows."""
    made = SeriesDesk(desk).create(desk.open_provider(), desk.day, "FREQ=DAILY;COUNT=2")
    visits = [one["booking"] for one in made["instances"]]
    desk.payment_succeeds(visits[0])
    due = visits[1]["starts_at"] - PAID_BEFORE - timedelta(hours=23) - clock.now()
    with move_clock(due), ThreadPoolExecutor(1) as pool, _held_up(ledger, visits[1]) as slow_look:
        with transaction() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
            looking = pool.submit(tell_payment_due, slow_look(transaction))
            wait_until(lambda: ledger.waiters() == 1, "the look to be held up")
            assert tell_payment_due(transaction) == 1
        assert looking.result(30) == 0
    assert [len(one) for one in _told(ledger, visits)] == [0, 1]


@contextmanager
def _held_up(ledger: Ledger, visit: dict[str, Any]) -> Iterator[Callable[[Transaction], Transaction]]:
    """Transactions that wait for an advisory lock when they come to the row of this visit."""
    ledger.run(f"""
        CREATE FUNCTION held_up(one uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
            IF one = '{visit["booking_id"]}' AND current_setting('test.is_slow', true) = 'yes' THEN
                PERFORM pg_advisory_xact_lock_shared(1);
            END IF;
            RETURN true;
        END $$
    """)
    ledger.run("CREATE POLICY held_up ON booking USING (held_up(id))")
    ledger.run("ALTER TABLE booking ENABLE ROW LEVEL SECURITY")

    def slow_look(transaction: Transaction) -> Transaction:
        @contextmanager
        def slow() -> Iterator[Connection]:
            with transaction() as connection:
                connection.exec_driver_sql("SET LOCAL test.is_slow = 'yes'")
                yield connection

        return slow

    try:
        yield slow_look
    finally:
        ledger.run("ALTER TABLE booking DISABLE ROW LEVEL SECURITY")
        ledger.run("DROP POLICY held_up ON booking")
        ledger.run("DROP FUNCTION held_up")


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
