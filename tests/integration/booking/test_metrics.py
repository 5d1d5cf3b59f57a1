"""What booking counts: each fact once, when it is committed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import REGISTRY

from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.payment_outcomes import apply_payment_succeeded
from shared.contracts import booking as contract
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, somebody
from tests.integration.booking.test_expiry import JUST_AFTER

CREATED = "care_holds_created_total"
EXPIRED = "care_holds_expired_total"
CONFIRMED = "care_bookings_confirmed_total"
REFUSED = "care_slots_refused_total"


@contextmanager
def counted(**expected: int) -> Iterator[None]:
    """Within the block exactly these are counted, and nothing else."""
    names = {"created": CREATED, "expired": EXPIRED, "confirmed": CONFIRMED, "refused": REFUSED}
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


def test_holds_that_end_are_counted_whoever_ends_them(
    desk: Desk, database: Database, move_clock: MoveClock
) -> None:
    """By the sweeper, or by whoever wants the slot before it came by."""
    with move_clock(JUST_AFTER):
        sweep_expired_holds(database.transaction)  # what other tests left
    swept, wanted = desk.open_provider(), desk.open_provider()
    desk.hold(swept)
    desk.hold(wanted)
    with move_clock(JUST_AFTER), counted(created=1, expired=2):
        desk.hold(wanted)
        sweep_expired_holds(database.transaction)
