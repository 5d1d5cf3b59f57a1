"""How long an unpaid series is held while one of its visits is being paid, cancelled or about to begin."""

from datetime import timedelta

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from shared import clock
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk
from tests.integration.booking.series_desk import SeriesDesk
from tests.integration.booking.test_series import states, visits

AFTER_THE_HOLD = timedelta(minutes=16)


def _outcome(desk: Desk, outcome: str, visit: dict[str, str], payment_id: str) -> None:
    say = desk.payment_fails if outcome == "failed" else desk.payment_succeeds
    say(visit, payment_id=payment_id, version=2)


@pytest.mark.parametrize("outcome", ["failed", "succeeded"])
def test_nothing_is_kept_for_the_payment_of_a_visit_that_was_cancelled(
    desk: Desk, move_clock: MoveClock, outcome: str
) -> None:
    """promise C5, rule C18: once its outcome is known, the other visit's hold ends as was promised."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")
    cancelled, other = visits(series)
    payment = desk.payment_processing(cancelled)
    desk.cancel(cancelled)
    _outcome(desk, outcome, cancelled, payment.aggregate_id)
    assert desk.look(other)["hold_expires_at"] == other["hold_expires_at"]
    with move_clock(AFTER_THE_HOLD):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["cancelled", "expired"]


@pytest.mark.parametrize("outcome", ["failed", "succeeded"])
def test_a_payment_of_its_own_keeps_it_beside_a_visit_that_was_cancelled(
    desk: Desk, move_clock: MoveClock, outcome: str
) -> None:
    """promise C5: the other visit is being paid itself, and no outcome of that is known for an hour."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")
    cancelled, other = visits(series)
    payment = desk.payment_processing(cancelled)
    desk.payment_processing(other)
    desk.cancel(cancelled)
    _outcome(desk, outcome, cancelled, payment.aggregate_id)
    with move_clock(AFTER_THE_HOLD):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["cancelled", "pending"]
    with move_clock(timedelta(minutes=61)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["cancelled", "expired"]


@pytest.mark.parametrize("first", ["prepared", "in work"])
def test_the_start_of_one_visit_ends_no_hold_of_another_before_what_was_promised(
    desk: Desk, move_clock: MoveClock, first: str
) -> None:
    """promise C5, rule W10: the first visit begins in ten minutes and its payment fails; the other was
    promised a quarter of an hour to be paid, before or after that payment was begun."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    probe = desk.hold(provider)
    desk.cancel(probe)
    begins = probe["starts_at"] - clock.now()
    with move_clock(begins - timedelta(minutes=10)):
        series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")
        soon, later = visits(series)
        promised = desk.prepare(later)["hold_expires_at"] if first == "prepared" else None
        payment = desk.payment_processing(soon)
        desk.prepare(later)
        desk.payment_fails(soon, payment_id=payment.aggregate_id, version=2)
        held = desk.look(later)["hold_expires_at"]
        assert held > later["hold_expires_at"] + timedelta(minutes=4)
        assert promised in (None, held)
    with move_clock(begins + timedelta(minutes=2)):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["expired", "pending"]
    with move_clock(begins + AFTER_THE_HOLD):
        sweep_expired_holds(desk.transaction)
        assert states(customer.get(series)) == ["expired", "expired"]


def test_money_that_came_after_a_start_keeps_nothing_else(desk: Desk, move_clock: MoveClock) -> None:
    """promise C5, rule W5: a payment was in work over the start of its visit, and is given back; the other
    visit's hold ends as was promised."""
    provider, customer = desk.open_provider(), SeriesDesk(desk)
    probe = desk.hold(provider)
    desk.cancel(probe)
    begins = probe["starts_at"] - clock.now()
    with move_clock(begins - timedelta(minutes=10)):
        series = customer.create(provider, desk.day, "FREQ=DAILY;COUNT=2")
        soon, later = visits(series)
        payment = desk.payment_processing(soon)
    with move_clock(begins + timedelta(minutes=1)):
        desk.payment_succeeds(soon, payment_id=payment.aggregate_id, version=2)
        assert states(customer.get(series)) == ["cancelled", "pending"]
        assert desk.look(later)["hold_expires_at"] == later["hold_expires_at"]
    with move_clock(begins + AFTER_THE_HOLD):
        sweep_expired_holds(desk.transaction)
