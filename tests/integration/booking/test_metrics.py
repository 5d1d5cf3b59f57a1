"""What booking counts: each fact once, when it is committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.measure import measure_holds
from services.booking.usecases.payment_outcomes import apply_payment_succeeded
from shared.contracts import booking as contract
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.test_expiry import JUST_AFTER

WHEN_ALL_IS_OVER = timedelta(days=500)
CREATED = "care_holds_created_total"
EXPIRED = "care_holds_expired_total"
CONFIRMED = "care_bookings_confirmed_total"
REFUSED = "care_slots_refused_total"
PAID_TWICE = "care_bookings_paid_twice_total"


@contextmanager
def counted(**expected: int) -> Iterator[None]:
    """Within the block exactly these are counted, and nothing else."""
    names = {
        "created": CREATED,
        "expired": EXPIRED,
        "confirmed": CONFIRMED,
        "refused": REFUSED,
        "paid_twice": PAID_TWICE,
    }
    before = {name: REGISTRY.get_sample_value(metric) or 0 for name, metric in names.items()}
    yield
    after = {name: REGISTRY.get_sample_value(metric) or 0 for name, metric in names.items()}
    assert {name: after[name] - before[name] for name in names if after[name] != before[name]} == expected


def test_a_repeat_with_the_same_key_is_the_same_hold(desk: Desk) -> None:
    provider, customer, key = desk.open_provider(), somebody(), new_id()
    with counted(created=1):
        for _ in range(2):
            desk.hold(provider, caller=customer, idempotency_key=key)


def test_a_slot_that_is_taken_is_refused_and_holds_nothing(desk: Desk) -> None:
    provider = desk.open_provider()
    desk.hold(provider)
    with counted(refused=1), pytest.raises(ServiceError) as caught:
        desk.hold(provider)
    assert contract.slot_taken.matches(caught.value)


def test_a_fact_that_is_delivered_twice_confirms_once(desk: Desk) -> None:
    booking = desk.hold(desk.open_provider())
    with counted(confirmed=1):
        event = desk.payment_succeeds(booking)
        apply_payment_succeeded(desk.transaction, event)


def test_money_for_a_booking_that_is_paid_is_counted(desk: Desk) -> None:
    """promise I1: nothing sends it back by itself, so somebody must hear of it."""
    booking = desk.hold(desk.open_provider())
    desk.payment_succeeds(booking)
    with counted(paid_twice=1):
        event = desk.payment_succeeds(booking)
        apply_payment_succeeded(desk.transaction, event)


def test_a_tip_is_no_second_payment(desk: Desk, ledger: Ledger) -> None:
    """promise D7: money of its own, which pays for no booking and counts nowhere here."""
    booking = desk.hold(desk.open_provider())
    desk.payment_succeeds(booking)
    before = ledger.history(booking["booking_id"])
    with counted():
        desk.payment_succeeds(booking, kind="tip")
        desk.payment_fails(booking, kind="tip")
    assert ledger.history(booking["booking_id"]) == before


def test_live_holds_and_how_late_their_end_is(desk: Desk, database: Database, move_clock: MoveClock) -> None:
    """promise I1: what the sweeper has not freed yet is seen, and for how long."""

    def figures() -> tuple[float | None, float]:
        measure_holds(database.transaction)
        late = REGISTRY.get_sample_value("care_holds_overdue_seconds")
        return REGISTRY.get_sample_value("care_holds_live"), late or 0

    with move_clock(WHEN_ALL_IS_OVER):
        sweep_expired_holds(database.transaction)  # what other tests left
    assert figures() == (0, 0)
    provider = desk.open_provider()
    desk.hold(provider)
    assert figures() == (1, 0)
    with move_clock(JUST_AFTER + timedelta(seconds=90)):
        live, late = figures()
        assert live == 1
        assert 90 <= late < 120
        sweep_expired_holds(database.transaction)
        assert figures() == (0, 0)


def test_holds_that_end_are_counted_whoever_ends_them(
    desk: Desk, database: Database, move_clock: MoveClock
) -> None:
    """By the sweeper, or by whoever wants the slot before it came by."""
    with move_clock(WHEN_ALL_IS_OVER):
        sweep_expired_holds(database.transaction)  # what other tests left
    swept, wanted = desk.open_provider(), desk.open_provider()
    desk.hold(swept)
    desk.hold(wanted)
    with move_clock(JUST_AFTER), counted(created=1, expired=2):
        desk.hold(wanted)
        sweep_expired_holds(database.transaction)
