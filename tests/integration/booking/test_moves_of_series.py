"""A visit of a series is moved while something else happens to the whole series."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, text

from shared import clock
from shared.errors import ServiceError
from tests.fixtures.waiting import wait_until
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.series_desk import SeriesDesk

WAITERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()"
)


def test_a_move_that_meets_the_end_of_its_series_waits_for_it(
    desk: Desk, ledger: Ledger, owner: Engine, move_clock: MoveClock
) -> None:
    """rule C8: into the time of a visit of the same series whose hold has ended, while the series is
    cancelled; neither is ended by the database to break a deadlock."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    first = clock.now().date() + timedelta(days=1)
    series = customer.create(provider, first, "FREQ=DAILY;COUNT=2", "16:00")
    lapsed, agreed = (instance["booking"] for instance in series["instances"])
    assert lapsed["booking_id"] < agreed["booking_id"]
    desk.payment_succeeds(agreed)
    moving = {"booking_date": first.isoformat()}
    with move_clock(timedelta(minutes=20)), owner.connect() as holding, ThreadPoolExecutor(2) as pool:
        one = text("SELECT FROM booking WHERE id = :id FOR UPDATE")
        holding.execute(one, {"id": lapsed["booking_id"]})
        cancelling = pool.submit(_code, customer.cancel, series, "all")
        wait_until(lambda: ledger.one(WAITERS) == 1, "the cancellation to wait for a visit")
        moved = pool.submit(_code, desk.reschedule, agreed, "16:00", **moving)
        wait_until(lambda: ledger.one(WAITERS) == 2, "the move to wait")
        holding.rollback()
        assert (cancelling.result(), moved.result()) == ("done", "booking_state_conflict")
    assert ledger.state(agreed["booking_id"]) == "cancelled"


def _code(work: Any, *arguments: Any, **members: Any) -> str:
    try:
        work(*arguments, **members)
    except ServiceError as error:
        return error.code
    return "done"
