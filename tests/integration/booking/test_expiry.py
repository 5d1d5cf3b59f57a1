"""Holds end by themselves: swept, or released for whoever wants the slot."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from shared.contracts.booking_payment_forms import PreparedPaymentSchema
from shared.contracts.declaration import write
from shared.database.transaction import Database
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, customer_of, member_of, somebody
from tests.integration.booking.ledger import Ledger

JUST_BEFORE = timedelta(minutes=14, seconds=45)
JUST_AFTER = timedelta(minutes=15, seconds=1)


@pytest.fixture(autouse=True)
def _nothing_is_held(ledger: Ledger) -> None:
    """Other tests' holds would be swept too."""
    ledger.run("DELETE FROM allocation")
    ledger.run("UPDATE booking SET state = 'cancelled', hold_ends_at = NULL WHERE state = 'pending'")


def test_the_sweeper_frees_what_has_ended(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """promises C4 and C5: expired, free, told, with history; not a moment too early."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    with move_clock(JUST_BEFORE):
        assert sweep_expired_holds(database.transaction) == 0
    with move_clock(JUST_AFTER):
        assert sweep_expired_holds(database.transaction) == 1
        assert sweep_expired_holds(database.transaction) == 0
        assert "10:00" in desk.free_times(provider)
    booking_id = booking["booking_id"]
    assert ledger.history(booking_id)[-1] == (2, "pending", "expired", "system", "hold_ended")
    assert ledger.allocations(booking_id) == 0
    *_, expired, changed = ledger.events(provider.provider_id)
    assert expired[0] == "booking_expired"
    assert (expired[1]["state"], expired[1]["version"]) == ("expired", 2)
    assert expired[1]["hold_expires_at"] is None
    assert changed == (
        "availability_changed",
        {
            "provider_id": provider.provider_id,
            "service_ids": [],
            "local_days": [desk.day.isoformat()],
        },
    )
    assert ledger.one("SELECT held_from FROM booking WHERE id = :id", id=booking_id) is None


def test_two_sweepers_share_the_work(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """promise C5: several processes sweep at once, each hold ends once."""
    providers = [desk.open_provider(staff=2) for _ in range(6)]
    starts = ("09:00", "11:00", "13:00", "15:00")
    held = [
        desk.hold(provider, start, staff_id=staff_id)
        for provider in providers
        for start in starts
        for staff_id in provider.staff
    ]
    with move_clock(JUST_AFTER), ThreadPoolExecutor(4) as pool:
        ended = sum(pool.map(lambda _: sweep_expired_holds(database.transaction), range(4)))
    assert ended == len(held)
    assert all(len(ledger.history(booking["booking_id"])) == 2 for booking in held)


def test_an_ended_hold_gives_way_at_once(desk: Desk, ledger: Ledger, move_clock: MoveClock) -> None:
    """rule C7: before the sweeper comes, whoever wants the slot releases it in the same transaction."""
    provider = desk.open_provider()
    first, second = desk.hold(provider, "10:00"), desk.hold(provider, "11:00")
    with move_clock(JUST_AFTER):
        assert {"10:00", "10:30", "11:00"} <= set(desk.free_times(provider))
        booking = desk.hold(provider, "10:30")
        for ended in (first, second):
            assert ledger.history(ended["booking_id"])[-1][1:] == (
                "pending",
                "expired",
                "system",
                "hold_ended",
            )
        assert ledger.event_names(provider.provider_id).count("booking_expired") == 2
        assert ledger.allocations(booking["booking_id"]) == 1
        with pytest.raises(ServiceError) as refused:
            desk.hold(provider, "10:00")
        assert refused.value.code == "slot_taken"


def test_two_who_want_ended_holds_do_not_wait_for_each_other(
    desk: Desk, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rules C5 and C7: each would need what the other releases; one wins, none fails."""
    days = [desk.day + timedelta(days=number) for number in range(10)]
    provider = desk.open_provider()
    for day in days:
        for start in ("10:00", "11:00"):
            desk.hold(provider, start, booking_date=day.isoformat())

    def want(start: str, day: str) -> str:
        try:
            return str(desk.hold(provider, start, booking_date=day)["state"])
        except ServiceError as error:
            return error.code

    with move_clock(JUST_AFTER), ThreadPoolExecutor(4) as pool:
        for day in days:
            wanted = ("10:30", "10:45", "10:15", "10:30")
            outcomes = list(pool.map(want, wanted, [day.isoformat()] * 4))
            assert sorted(outcomes) == ["pending", "slot_taken", "slot_taken", "slot_taken"], outcomes


def test_payment_prolongs_the_hold_once(desk: Desk, ledger: Ledger, move_clock: MoveClock) -> None:
    """rules W10 and M20: 15 minutes from the payment's beginning, once; the quote is the frozen one."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    with move_clock(timedelta(minutes=10)):
        prepared = desk.prepare(booking)
        write(PreparedPaymentSchema, prepared)
        assert prepared["quote"] == booking["quote"]
        gained = prepared["hold_expires_at"] - booking["hold_expires_at"]
        assert timedelta(minutes=9, seconds=50) < gained < timedelta(minutes=10, seconds=30)
    with move_clock(timedelta(minutes=20)):
        assert desk.prepare(booking)["hold_expires_at"] == prepared["hold_expires_at"]
    assert ledger.history(booking["booking_id"])[1:] == [
        (2, "pending", "pending", "customer", "hold_prolonged")
    ]
    with move_clock(timedelta(minutes=26)), pytest.raises(ServiceError) as refused:
        desk.prepare(booking)
    assert refused.value.code == "hold_expired"


def test_only_ones_own_live_hold_can_be_paid(desk: Desk, database: Database, move_clock: MoveClock) -> None:
    """rule B11: another's booking is not found; what is over is said."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    for caller in (somebody(), member_of(provider)):
        with pytest.raises(ServiceError) as refused:
            desk.prepare(booking, caller)
        assert refused.value.code == "not_found"
    with move_clock(JUST_AFTER):
        sweep_expired_holds(database.transaction)
        with pytest.raises(ServiceError) as refused:
            desk.prepare(booking)
        assert refused.value.code == "hold_expired"
        cancelled = desk.cancel(desk.hold(provider, "12:00", customer_of(booking)))
        with pytest.raises(ServiceError) as refused:
            desk.prepare(cancelled)
        assert refused.value.code == "booking_state_conflict"
