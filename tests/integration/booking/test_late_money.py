"""Money that comes when the hold has ended and its provider has changed meanwhile what there is to give."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from shared import clock
from shared.contracts import booking as contract
from shared.database.transaction import Transaction
from tests.fixtures.servers import ServiceDatabase
from tests.fixtures.table_lock import table_lock
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, customer_of
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import NAME, ProviderDesk, every_day

MINUTE = timedelta(minutes=1)
LATE = 16 * MINUTE


def _change(what: str, desk: Desk, mine: ProviderDesk, ledger: Ledger) -> None:
    provider, day = mine.provider, desk.day.isoformat()
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    match what:
        case "hours":
            mine.hours(every_day("12:00", "18:00"))
        case "time off":
            mine.do(contract.ADD_TIME_OFF, from_date=day, to_date=tomorrow)
        case "staff":
            mine.staff(0, active=False)
        case "room":
            [pool] = mine.supply()["resources"]
            mine.do(contract.PUT_RESOURCE, **{**pool, "active": False})
        case "service":
            ledger.run("UPDATE service SET withdrawn = true WHERE id = :id", id=provider.services[0])
        case "provider":
            ledger.run("UPDATE provider SET withdrawn = true WHERE id = :id", id=provider.provider_id)


@pytest.mark.parametrize("swept", [True, False])
@pytest.mark.parametrize("what", ["hours", "time off", "staff", "room", "service", "provider", "nothing"])
def test_late_money_is_due_back_when_the_visit_is_offered_no_more(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock, what: str, swept: bool
) -> None:
    """rules C7 and W5: its time is free, but nobody would do it; the hold's end let the change pass in
    silence, whether or not the sweeper has come by."""
    provider = desk.open_provider()
    mine = ProviderDesk(transaction, provider)
    mine.service_rules(needs=[{"resource_id": mine.rooms()}])
    booking = desk.hold(provider)
    with move_clock(LATE):
        if swept:
            sweep_expired_holds(transaction)
        _change(what, desk, mine, ledger)
        desk.payment_succeeds(booking)
    booking_id = booking["booking_id"]
    kept = what == "nothing"
    assert ledger.state(booking_id) == ("confirmed" if kept else "cancelled")
    assert ledger.allocations(booking_id) == (2 if kept else 0)
    if not kept:
        told = [data for name, data in ledger.events(provider.provider_id) if name == "booking_cancelled"]
        assert [(one["cancel_cause"], one["refund_percent"]) for one in told] == [("late_payment", 100)]


@pytest.mark.parametrize("swept", [True, False])
def test_nobody_pays_for_a_visit_that_has_begun(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock, swept: bool
) -> None:
    """rules C7 and W5: nobody came, since nobody had agreed."""
    booking = desk.hold(desk.open_provider())
    with move_clock(booking["starts_at"] - clock.now() + MINUTE):
        if swept:
            sweep_expired_holds(transaction)
        desk.payment_succeeds(booking)
        assert desk.look(booking)["cancel_cause"] == "late_payment"
        assert ledger.allocations(booking["booking_id"]) == 0


@pytest.mark.parametrize("replaces", [True, False])
def test_a_payment_that_is_in_work_over_the_start_is_due_back(
    desk: Desk, ledger: Ledger, move_clock: MoveClock, replaces: bool
) -> None:
    """rule W5: its time was kept for the outcome, an hour at most; what it was to replace stays agreed."""
    provider = desk.open_provider()
    afternoon = desk.hold(provider, "16:00")
    desk.payment_succeeds(afternoon)
    given_up = {"replaces_booking_id": afternoon["booking_id"]} if replaces else {}
    ledger.run("UPDATE service SET price_amount = 12000 WHERE id = :id", id=provider.services[0])
    to_start = afternoon["starts_at"] - timedelta(hours=6) - clock.now()
    with move_clock(to_start - 20 * MINUTE):
        morning = desk.hold(provider, "10:00", customer_of(afternoon), **given_up)
    with move_clock(to_start - 6 * MINUTE):
        desk.payment_processing(morning)
    with move_clock(to_start + MINUTE):
        desk.payment_succeeds(morning)
        assert [desk.look(one)["state"] for one in (morning, afternoon)] == ["cancelled", "confirmed"]
        assert desk.look(morning)["cancel_cause"] == "late_payment"


def test_caps_do_not_bind_late_money(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rule W5: the time was reserved and is free still, so a day may have one visit more than its cap."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).staff(0, day_cap=1)
    late = desk.hold(provider, "10:00")
    with move_clock(LATE):
        sweep_expired_holds(transaction)
        other = desk.hold(provider, "14:00")
        desk.payment_succeeds(late)
        assert [ledger.state(one["booking_id"]) for one in (late, other)] == ["confirmed", "pending"]
        assert desk.free_times(provider) == []
        desk.cancel(other)


def test_late_money_waits_for_hours_that_are_being_changed(
    desk: Desk, transaction: Transaction, ledger: Ledger, own: ServiceDatabase, move_clock: MoveClock
) -> None:
    """rule W5: whoever takes a time again does it by the supply as it is, like whoever books."""
    provider = desk.open_provider()
    mine = ProviderDesk(transaction, provider)
    booking = desk.hold(provider)
    with move_clock(LATE), ThreadPoolExecutor(2) as pool:
        sweep_expired_holds(transaction)
        with table_lock(own.owner_url, "outbox") as lock:
            changing = pool.submit(mine.hours, every_day("12:00", "18:00"))
            lock.wait_for_waiters(1)
            paying = pool.submit(desk.payment_succeeds, booking)
            lock.wait_for_waiters(2)
        assert changing.result()["stranded"] == 0
        paying.result()
    assert ledger.state(booking["booking_id"]) == "cancelled"


def _classes(desk: Desk, transaction: Transaction, rooms: int) -> tuple[Provider, ProviderDesk]:
    """A provider whose first service is a class of two, in one of so many rooms."""
    provider = desk.open_provider()
    mine = ProviderDesk(transaction, provider)
    mine.service_rules(capacity=2, needs=[{"resource_id": mine.rooms(rooms)}])
    return provider, mine


def test_late_money_gets_a_free_seat_of_a_session_that_was_opened_anew(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rules W5 and C10: while there is one, in the room of that session; who comes too late gets it back."""
    provider, mine = _classes(desk, transaction, rooms=2)
    late, later = desk.hold(provider), desk.hold(provider)
    with move_clock(LATE):
        sweep_expired_holds(transaction)
        [pool] = mine.supply()["resources"]
        used = _room(ledger, late)
        units = [{**unit, "active": unit["unit_id"] != used} for unit in pool["units"]]
        mine.do(contract.PUT_RESOURCE, resource_id=pool["resource_id"], kind="room", name=NAME, units=units)
        opener = desk.hold(provider)
        desk.payment_succeeds(late)
        desk.payment_succeeds(later)
        states = [ledger.state(one["booking_id"]) for one in (opener, late, later)]
        assert states == ["pending", "confirmed", "cancelled"]
        assert _room(ledger, late) == _room(ledger, opener) != used
        assert ledger.rows(
            "SELECT DISTINCT session_id::text, count(DISTINCT seat) FROM allocation "
            "WHERE resource_id = CAST(:staff AS uuid) GROUP BY session_id",
            staff=provider.staff[0],
        ) == [(_session(ledger, opener), 2)]
        desk.cancel(late)
        for booking in (opener, desk.hold(provider)):
            desk.cancel(booking)


def _session(ledger: Ledger, booking: dict[str, Any]) -> str:
    query = "SELECT session_id::text FROM booking WHERE id = :id"
    return str(ledger.one(query, id=booking["booking_id"]))


def _room(ledger: Ledger, booking: dict[str, Any]) -> str:
    query = "SELECT resource_id::text FROM further_resource WHERE booking_id = :id"
    [row] = ledger.rows(query, id=booking["booking_id"])
    return str(row[0])
