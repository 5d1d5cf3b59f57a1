"""Who waits is offered no time at which they are elsewhere, and is offered it when they are not any more."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.no_show import record_no_show
from shared import clock
from shared.contracts.booking_no_show import RECORD_NO_SHOW
from shared.contracts.declaration import Caller, read
from shared.database.transaction import Database, Transaction
from shared.ids import new_id
from tests.fixtures.waiting import wait_until
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, member_of, somebody, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import Waiting, offer

LATE = timedelta(minutes=16)


@pytest.fixture
def one(desk: Desk) -> Provider:
    return desk.open_provider()


@pytest.fixture
def other(desk: Desk) -> Provider:
    return desk.open_provider()


def test_nobody_is_offered_a_time_at_which_they_are_elsewhere(
    desk: Desk, one: Provider, other: Provider
) -> None:
    """rule C19, promise C6: joining asks nothing; another start is offered, or this one to who says so."""
    caller = somebody()
    desk.hold(other, "10:00", caller)
    hours = {"from_time": "10:00", "to_time": "11:00"}
    waiting = Waiting(desk, one, caller, **hours)
    assert offer(desk) == 1
    assert waiting.entry["booking"]["local_time"] == "11:00"
    third = desk.open_provider()
    undecided = Waiting(desk, third, caller, **hours, allow_overlap=True)
    assert offer(desk) == 1
    assert undecided.entry["booking"]["local_time"] == "10:00"


def test_the_first_start_after_a_long_visit_is_offered(desk: Desk, one: Provider, other: Provider) -> None:
    """rule C19, promise C6: however many starts lie in their visit before it."""
    caller = somebody()
    desk.hold(other, "10:00", caller, service=1)
    waiting = Waiting(desk, one, caller, from_time="09:15", to_time="12:00")
    assert offer(desk) == 1
    assert waiting.entry["booking"]["local_time"] == "11:30"


def test_what_lies_in_their_visit_is_not_tried(desk: Desk, database: Database) -> None:
    """rule C19: of a day full of starts that they can't take none costs the locks of a hold."""
    caller, fine = somebody(), desk.open_provider(slot_step_minutes=5)
    for start in ("09:00", "10:30", "12:00", "13:30"):
        desk.hold(desk.open_provider(), start, caller, service=1)
    waiting = Waiting(desk, fine, caller, from_time="09:00", to_time="14:55")
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(str(arguments[2]))

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        assert offer(desk) == 0
    finally:
        event.remove(database._engine, "before_cursor_execute", note)
    assert waiting.state == "waiting"
    assert not [one for one in statements if "INTO allocation" in one or "SAVEPOINT" in one]


def test_only_who_was_freed_is_looked_at_again(desk: Desk, ledger: Ledger, move_clock: MoveClock) -> None:
    """rule C19: many holds end at once, each of them calls the lines of its own customer's day."""
    offer(desk)
    waited_for = desk.open_provider(opening_hours=windows("10:00", "11:00"))
    early, between, late = [(desk.day + timedelta(days=far)).isoformat() for far in (0, 30, 60)]
    for held, waits in ((early, between), (late, late)):
        caller = somebody()
        desk.hold(desk.open_provider(), "10:00", caller, booking_date=held)
        Waiting(desk, waited_for, caller, date=waits)
    ledger.run("DELETE FROM waitlist_call")
    with move_clock(LATE):
        sweep_expired_holds(desk.transaction)
    called = "SELECT first_day::text, last_day::text FROM waitlist_call WHERE provider_id = :id"
    assert ledger.rows(called, id=waited_for.provider_id) == [(late, late)]
    offer(desk)


def test_who_is_free_again_is_offered_what_was_free_all_the_time(
    desk: Desk, one: Provider, other: Provider
) -> None:
    """rule C19, promise C6: nobody is forgotten in a line because they had something else for a while."""
    cancelling, moving = somebody(), somebody()
    held, agreed = desk.hold(other, "10:00", cancelling), desk.hold(other, "14:00", moving)
    desk.payment_succeeds(agreed)
    lines = [
        Waiting(desk, one, caller, from_time=start, to_time=start)
        for caller, start in ((cancelling, "10:00"), (moving, "14:00"))
    ]
    assert offer(desk) == 0
    desk.cancel(held)
    desk.reschedule(agreed, "16:00")
    assert offer(desk) == 2
    assert [line.state for line in lines] == ["offered", "offered"]


def _miss(desk: Desk, visit: dict[str, Any], caller: Caller) -> None:
    request = {"booking_id": visit["booking_id"], "idempotency_key": new_id()}
    record_no_show(desk.transaction, read(RECORD_NO_SHOW.request, request), caller)


@pytest.mark.parametrize("says", [Desk.complete, _miss])
def test_a_visit_that_is_over_early_frees_its_customer(
    desk: Desk, one: Provider, other: Provider, move_clock: MoveClock, says: Callable[..., Any]
) -> None:
    """rule C19, promise C6: its provider says long before its end that it took place, or that nobody came."""
    caller = somebody()
    visit = desk.hold(other, "10:00", caller, service=1)
    desk.payment_succeeds(visit)
    line = Waiting(desk, one, caller, from_time="11:00", to_time="11:00")
    assert offer(desk) == 0
    with move_clock(visit["starts_at"] - clock.now() + LATE):
        says(desk, visit, member_of(other))
        assert offer(desk) == 1
        assert line.state == "offered"


def test_who_joins_while_they_are_freed_is_not_forgotten(
    desk: Desk, one: Provider, other: Provider, transaction: Transaction, ledger: Ledger
) -> None:
    """rule C19, promise C6: whoever frees them has looked for their lines, and has not committed."""
    caller = somebody()
    held = desk.hold(other, "10:00", caller)
    hours = {"from_time": "10:00", "to_time": "10:00"}
    with ThreadPoolExecutor(1) as pool:

        @contextmanager
        def slow() -> Iterator[Connection]:
            with transaction() as connection:
                yield connection
                joining.append(pool.submit(Waiting, desk, one, caller, **hours))
                wait_until(lambda: joining[0].done() or ledger.waiters(), "them to join, or to wait")
                offer(desk)

        joining: list[Future[Waiting]] = []
        Desk(slow, desk.settings).cancel(held)
        line = joining[0].result(30)
    offer(desk)
    assert line.state == "offered"
