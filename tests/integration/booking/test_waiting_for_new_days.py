"""A day that comes into the booking window by itself calls who waits for it, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest

from services.booking.store.waitlist_look import ANY_DAY_BEGUN
from services.booking.usecases.call_for_new_days import call_for_new_days
from services.booking.usecases.expiry import sweep_expired_holds
from shared import clock
from shared.contracts import booking as contract
from shared.database.transaction import Database, Transaction
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import Waiting, offer

AHEAD = 10
"""Days from today to that of the desk."""
CALLS = "SELECT first_day, last_day FROM waitlist_call WHERE provider_id = :id"


@pytest.fixture(autouse=True)
def looked_at_now(desk: Desk, ledger: Ledger) -> Iterator[None]:
    """Other tests have moved the clock of the last look, and left lines that nobody looked at."""
    call_for_new_days(desk.transaction)
    offer(desk)
    yield
    ledger.run("UPDATE waitlist_look SET looked_at = app_now()")


def _waits_beyond_the_window(
    desk: Desk, transaction: Transaction, zone: str = "Africa/Abidjan", window_days: int = 5
) -> tuple[Provider, Waiting]:
    """They wait for a full day; the window is made shorter, and only then the time gets free."""
    provider = desk.open_provider(zone=zone, opening_hours=windows("10:00", "11:00"))
    taken = desk.hold(provider)
    desk.payment_succeeds(taken)
    waiting = Waiting(desk, provider)
    ProviderDesk(transaction, provider).do(contract.CHANGE_RULES, window_days=window_days)
    desk.cancel(taken)
    assert (offer(desk), waiting.state) == (0, "waiting")
    return provider, waiting


def test_whoever_waits_for_a_day_that_comes_into_the_window_is_offered_it(
    desk: Desk, transaction: Transaction, move_clock: MoveClock
) -> None:
    """promise C6: time passing frees it, and nobody in line is forgotten for a stranger."""
    _, waiting = _waits_beyond_the_window(desk, transaction)
    with move_clock(timedelta(days=AHEAD - 5)):
        sweep_expired_holds(transaction)
        call_for_new_days(transaction)
        offer(desk)
        assert waiting.state == "offered"


def test_a_day_calls_its_line_once_whoever_looks_and_however_late(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C6: four processes look, after days in which none did."""
    provider, _ = _waits_beyond_the_window(desk, transaction)
    ledger.run("DELETE FROM waitlist_call")
    with move_clock(timedelta(days=AHEAD - 2)):
        with ThreadPoolExecutor(4) as pool:
            looks = [pool.submit(call_for_new_days, transaction) for _ in range(4)]
            assert sum(look.result() for look in looks) >= 1
        assert call_for_new_days(transaction) == 0
        assert ledger.rows(CALLS, id=provider.provider_id) == [(desk.day, desk.day)]
        offer(desk)


def test_a_day_that_has_not_come_calls_nobody(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C6, rule T10: the last bookable day is that of the provider's own calendar, to its midnight."""
    east, _ = _waits_beyond_the_window(desk, transaction, "Pacific/Kiritimati")
    west, _ = _waits_beyond_the_window(desk, transaction, "Pacific/Pago_Pago")
    for_service, _ = _waits_beyond_the_window(desk, transaction)
    ProviderDesk(transaction, for_service).service_rules(window_days=3)
    offer(desk)
    midnight = datetime.combine(desk.day - timedelta(days=5), time(), UTC)
    for hours, called in ((-15, []), (-13, [east]), (10, []), (12, [west]), (47, []), (49, [for_service])):
        with move_clock(midnight + timedelta(hours=hours) - clock.now()):
            call_for_new_days(transaction)
            found = [one for one in (east, west, for_service) if ledger.rows(CALLS, id=one.provider_id)]
            assert found == called, hours
            ledger.run("DELETE FROM waitlist_call")


def test_nobody_looks_until_a_day_can_have_begun(
    transaction: Transaction, database: Database, move_clock: MoveClock
) -> None:
    """promise C6: what a process at rest asks is one short question; a quarter of an hour later it looks."""
    now = clock.now()
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)
    with move_clock(quarter - now + timedelta(seconds=5)):
        call_for_new_days(transaction)
        assert not database.sees(ANY_DAY_BEGUN)
    with move_clock(quarter - now + timedelta(minutes=15, seconds=5)):
        assert database.sees(ANY_DAY_BEGUN)
