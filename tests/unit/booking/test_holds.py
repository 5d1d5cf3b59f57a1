"""How long a slot is kept."""

from datetime import timedelta

from services.booking.domain.holds import Hold, new_hold, payment_in_work, payment_out_of_work, prolonged
from tests.unit.booking.booking_cases import NOW, START

MINUTE = timedelta(minutes=1)


def test_a_hold_ends_by_itself() -> None:
    """promise C5: live until its last instant, and not at it."""
    hold = new_hold(NOW, 900, START)
    assert hold.is_live(NOW + 15 * MINUTE - timedelta(microseconds=1))
    assert not hold.is_live(NOW + 15 * MINUTE)


def test_no_hold_outlives_the_start_of_its_visit() -> None:
    assert new_hold(START - MINUTE, 900, START).ends_at == START
    assert prolonged(Hold(START - MINUTE), START - 2 * MINUTE, 900, START).ends_at == START


def test_payment_prolongs_a_hold_once() -> None:
    """rule W10: at least so long from then, and the second time not at all."""
    hold = new_hold(NOW, 900, START)
    once = prolonged(hold, NOW + 10 * MINUTE, 900, START)
    assert once.ends_at == NOW + 25 * MINUTE
    assert prolonged(once, NOW + 20 * MINUTE, 900, START) == once


def test_a_hold_that_lasts_longer_anyway_is_not_used_up() -> None:
    hold = new_hold(NOW, 3600, START)
    assert prolonged(hold, NOW + MINUTE, 900, START) == hold
    assert prolonged(hold, NOW + 55 * MINUTE, 900, START).ends_at == NOW + 70 * MINUTE


def test_a_payment_in_work_keeps_the_slot_for_an_hour_at_most() -> None:
    """promise C5: the slot waits for the outcome, but not for ever."""
    hold = payment_in_work(new_hold(NOW, 900, START), NOW + 14 * MINUTE)
    assert hold.is_live(NOW + 73 * MINUTE)
    assert not hold.is_live(NOW + 74 * MINUTE)
    assert payment_out_of_work(hold) == new_hold(NOW, 900, START)
