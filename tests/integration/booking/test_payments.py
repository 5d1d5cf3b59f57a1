"""What a payment's facts do to a booking: confirmed, kept, or due back; money is never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.booking.store.locks import lock_booking
from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.payment_outcomes import UnknownBookingError, apply_payment_succeeded
from shared.contracts import payment as payment_contract
from shared.database.transaction import Database, Transaction
from shared.ids import new_id
from tests.fixtures.waiting import wait_until
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, payment_event
from tests.integration.booking.ledger import Ledger

LATE = timedelta(minutes=16)


def _last(ledger: Ledger, provider: Provider, name: str) -> dict[str, Any]:
    return next(data for each, data in reversed(ledger.events(provider.provider_id)) if each == name)


def test_secured_money_confirms(desk: Desk, ledger: Ledger) -> None:
    """promise C4: pending becomes confirmed by payment's fact, and keeps its slot without an end."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    event = desk.payment_succeeds(booking)
    booking_id = booking["booking_id"]
    assert ledger.history(booking_id)[-1] == (2, "pending", "confirmed", "payment", "paid")
    assert ledger.allocations(booking_id) == 1
    confirmed = _last(ledger, provider, "booking_confirmed")
    assert (confirmed["state"], confirmed["hold_expires_at"]) == ("confirmed", None)
    before = ledger.event_names(provider.provider_id)
    apply_payment_succeeded(desk.transaction, event)
    again = payment_event(
        payment_contract.PAYMENT_SUCCEEDED, booking, payment_id=event.aggregate_id, version=2
    )
    apply_payment_succeeded(desk.transaction, again)
    assert ledger.event_names(provider.provider_id) == before, "rule C16: told twice, done once"


def test_two_facts_of_one_payment_at_once_wait_for_each_other_in_one_order(
    desk: Desk, ledger: Ledger, transaction: Transaction
) -> None:
    """rule C16: late money and what was given back of it, each delivered again: neither ends the other."""
    booking = desk.hold(desk.open_provider())
    desk.cancel(booking)
    came = payment_event(payment_contract.PAYMENT_SUCCEEDED, booking, version=3)
    refunded = partial(desk.payment_refunded, version=5, payment_id=came.aggregate_id)
    with ThreadPoolExecutor(2) as pool:
        with transaction() as connection:
            lock_booking(connection, booking["booking_id"])
            went = pool.submit(refunded, booking, 100_00, 5_00)
            wait_until(lambda: ledger.waiters() == 1, "what was given back to wait")
            paid = pool.submit(apply_payment_succeeded, transaction, came)
            wait_until(lambda: ledger.waiters() == 2, "the money to wait")
        assert [went.exception(30), paid.exception(30)] == [None, None]


def test_an_ended_hold_that_nobody_swept_is_simply_confirmed(
    desk: Desk, ledger: Ledger, move_clock: MoveClock
) -> None:
    provider = desk.open_provider()
    booking = desk.hold(provider)
    with move_clock(LATE):
        desk.payment_succeeds(booking)
    assert ledger.state(booking["booking_id"]) == "confirmed"


def test_late_money_takes_the_slot_again_when_it_is_free(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """rule W5: expired becomes confirmed, with its allocation, and watchers hear that it is taken."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    with move_clock(LATE):
        sweep_expired_holds(database.transaction)
        desk.payment_succeeds(booking)
    booking_id = booking["booking_id"]
    assert ledger.history(booking_id)[-1] == (3, "expired", "confirmed", "payment", "paid_late")
    assert ledger.allocations(booking_id) == 1
    assert ledger.event_names(provider.provider_id)[-2:] == ["booking_confirmed", "availability_changed"]
    assert "10:00" not in desk.free_times(provider)


def test_late_money_releases_an_ended_hold_that_is_in_the_way(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """rules W5 and C7: the other's hold has ended too, only nobody has swept it yet."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    with move_clock(LATE):
        sweep_expired_holds(database.transaction)
        other = desk.hold(provider, "10:30")
    with move_clock(2 * LATE):
        desk.payment_succeeds(booking)
    assert ledger.state(booking["booking_id"]) == "confirmed"
    assert ledger.state(other["booking_id"]) == "expired"


def test_late_money_is_due_back_when_the_slot_is_gone(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """rule W5: expired becomes cancelled with 100 %, cause late_payment; the other keeps the slot."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    with move_clock(LATE):
        other = desk.hold(provider, "10:30")
        desk.payment_succeeds(booking)
    assert ledger.history(booking["booking_id"])[-1][1:4] == ("expired", "cancelled", "payment")
    assert ledger.allocations(other["booking_id"]) == 1
    cancelled = _last(ledger, provider, "booking_cancelled")
    assert cancelled["cancel_cause"] == "late_payment"
    assert (cancelled["refund_percent"], cancelled["tip_percent"]) == (100, 100)
    assert cancelled["service_refund"]["amount"] == 10000
    assert cancelled["tip_refund"]["amount"] == 500


def test_late_money_after_the_start_is_due_back(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    provider = desk.open_provider()
    booking = desk.hold(provider)
    with move_clock(timedelta(days=12)):
        sweep_expired_holds(database.transaction)
        desk.payment_succeeds(booking)
    assert _last(ledger, provider, "booking_cancelled")["cancel_cause"] == "late_payment"


def test_money_after_a_cancellation_is_due_back(desk: Desk, ledger: Ledger) -> None:
    """Cancelled while the payment was under way: a second booking_cancelled, of a higher version, says
    what is due, once."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    desk.cancel(booking)
    event = desk.payment_succeeds(booking)
    cancelled = _last(ledger, provider, "booking_cancelled")
    assert (cancelled["version"], cancelled["cancel_cause"]) == (3, "customer")
    assert cancelled["service_refund"]["amount"] == 10000
    assert cancelled["tip_refund"]["amount"] == 500
    desk.payment_succeeds(booking, payment_id=event.aggregate_id, version=2)
    assert ledger.event_names(provider.provider_id).count("booking_cancelled") == 2


def test_a_payment_in_work_keeps_the_slot_until_its_outcome(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """promise C5: no longer than an hour, and not after the payment has failed."""
    kept, failed = desk.open_provider(), desk.open_provider()
    first, second = desk.hold(kept), desk.hold(failed)
    desk.payment_processing(first)
    processing = desk.payment_processing(second)
    desk.payment_fails(second, payment_id=processing.aggregate_id, version=2)
    with move_clock(LATE):
        sweep_expired_holds(database.transaction)
        assert ledger.state(first["booking_id"]) == "pending"
        assert ledger.state(second["booking_id"]) == "expired"
        assert "10:00" not in desk.free_times(kept)
    with move_clock(timedelta(minutes=61)):
        sweep_expired_holds(database.transaction)
        assert ledger.state(first["booking_id"]) == "expired"
    assert [entry[4] for entry in ledger.history(second["booking_id"])] == [
        "held",
        "payment_processing",
        "payment_ended",
        "hold_ended",
    ]


def test_an_old_report_of_a_payment_changes_nothing(desk: Desk, ledger: Ledger) -> None:
    """rule C16: events may come in any order; a higher version is known already."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    failed = desk.payment_fails(booking, version=3)
    desk.payment_processing(booking, payment_id=failed.aggregate_id, version=2)
    processing_until = "SELECT processing_until FROM booking WHERE id = :id"
    assert ledger.one(processing_until, id=booking["booking_id"]) is None


def test_the_end_of_one_payment_does_not_end_the_hold_for_the_next(desk: Desk, ledger: Ledger) -> None:
    """rule C16: the failed attempt is reported after the one that followed it."""
    booking = desk.hold(desk.open_provider())
    processing_until = "SELECT processing_until FROM booking WHERE id = :id"
    first = desk.payment_processing(booking)
    second = desk.payment_processing(booking)
    desk.payment_fails(booking, payment_id=first.aggregate_id, version=2)
    assert ledger.one(processing_until, id=booking["booking_id"]) is not None
    desk.payment_fails(booking, payment_id=second.aggregate_id, version=2)
    assert ledger.one(processing_until, id=booking["booking_id"]) is None


def test_a_payment_of_an_unknown_booking_is_not_forgotten(desk: Desk, ledger: Ledger) -> None:
    """Raised, so that the event is tried again and parked; the inbox does not know it."""
    provider = desk.open_provider()
    booking = {**desk.hold(provider), "booking_id": new_id()}
    event = payment_event(payment_contract.PAYMENT_SUCCEEDED, booking)
    with pytest.raises(UnknownBookingError):
        apply_payment_succeeded(desk.transaction, event)
    assert ledger.one("SELECT count(*) FROM inbox WHERE event_id = :id", id=event.id) == 0
