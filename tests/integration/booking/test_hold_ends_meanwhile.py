"""A hold that ends while something about it waits: nobody is in two places for that (rule C19)."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection

from services.booking.store.locks import share_supply_and_lock_holders
from shared import clock
from shared.contracts import booking as contract
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.fixtures.waiting import wait_until
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, member_of, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

Booking = dict[str, Any]
BEFORE = timedelta(seconds=2)
OVER = "SELECT greatest(hold_ends_at, processing_until) <= app_now() FROM booking WHERE id = :id"


class Slow:
    """Transactions that do not commit before they are let go."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.has_worked, self.let_go = Event(), Event()

    @contextmanager
    def __call__(self) -> Iterator[Connection]:
        with self._transaction() as connection:
            yield connection
            self.has_worked.set()
            assert self.let_go.wait(30)


def _accept(slow: Desk, booking: Booking, provider: Provider) -> None:
    slow.accept(booking, member_of(provider))


def _prepare(slow: Desk, booking: Booking, _: Provider) -> None:
    slow.prepare(booking)


def _process(slow: Desk, booking: Booking, _: Provider) -> None:
    slow.payment_processing(booking)


def _code(act: "Future[Any]") -> str:
    error = act.exception(30)
    return error.code if isinstance(error, ServiceError) else repr(error)


@pytest.mark.parametrize("go_on", [_accept, _prepare, _process])
def test_nothing_is_held_beside_a_hold_that_goes_on(
    desk: Desk,
    transaction: Transaction,
    ledger: Ledger,
    move_clock: MoveClock,
    go_on: Callable[[Desk, Booking, Provider], None],
) -> None:
    """rule C19: decided a moment before its end, written a moment after it."""
    one, other, caller = desk.open_provider(), desk.open_provider(), somebody()
    if go_on is _accept:
        ProviderDesk(transaction, one).service_rules(acceptance="provider", answer_hours=24)
    held = desk.hold(one, "10:00", caller)
    if go_on is _accept:
        desk.payment_succeeds(held)
    ends = ledger.one("SELECT hold_ends_at FROM booking WHERE id = :id", id=held["booking_id"])
    slow = Slow(transaction)
    with move_clock(ends - clock.now() - BEFORE), ThreadPoolExecutor(2) as pool:
        going_on = pool.submit(go_on, Desk(slow, desk.settings), held, one)
        try:
            assert slow.has_worked.wait(30), going_on.exception(1)
            wait_until(lambda: ledger.one(OVER, id=held["booking_id"]), "the hold to end")
            holding = pool.submit(desk.hold, other, "10:30", caller)
            wait_until(lambda: holding.done() or ledger.waiters(), "the other visit to wait")
        finally:
            slow.let_go.set()
        assert going_on.exception(30) is None
        assert _code(holding) == contract.customer_in_two_places.code


def test_money_that_waited_past_the_end_of_its_hold_is_late(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rules C19 and W5: what was held for its customer meanwhile stays, and the money goes back."""
    one, other, caller = desk.open_provider(), desk.open_provider(), somebody()
    held = desk.hold(one, "10:00", caller)
    ends = held["hold_expires_at"]
    with move_clock(ends - clock.now() - BEFORE), ThreadPoolExecutor(2) as pool:
        with transaction() as connection:
            share_supply_and_lock_holders(connection, one.provider_id, [caller.user_id])
            connection.exec_driver_sql("SELECT 1")
            holding = pool.submit(desk.hold, other, "10:30", caller)
            wait_until(lambda: ledger.waiters() == 1, "the other visit to wait")
            paying = pool.submit(desk.payment_succeeds, held)
            wait_until(lambda: ledger.waiters() == 2, "the money to wait")
            wait_until(lambda: ledger.one(OVER, id=held["booking_id"]), "the hold to end")
        assert [holding.exception(30), paying.exception(30)] == [None, None]
        assert ledger.state(holding.result()["booking_id"]) == "pending"
        assert ledger.state(held["booking_id"]) == "cancelled"
