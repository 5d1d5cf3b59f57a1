"""When a card is held and when it is charged, to the second; what is kept of a hold, to the unit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain.authorization import CaptureMethod, is_good_for, lapses_at, method_for
from services.payment.domain.charge_limits import MINIMUMS, is_exact
from services.payment.domain.keeping import kept_of, nothing_of
from services.payment.domain.refunds import sum_of, with_commission
from services.payment.domain.split import Split
from shared.money import Money, step

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("ahead", "method"),
    [
        (timedelta(hours=2), CaptureMethod.MANUAL),
        (6 * DAY, CaptureMethod.MANUAL),
        (6 * DAY + SECOND, CaptureMethod.AUTOMATIC),
        (90 * DAY, CaptureMethod.AUTOMATIC),
    ],
)
def test_a_card_is_held_where_a_visit_counts_as_done_a_day_before_it_lapses(
    ahead: timedelta, method: CaptureMethod
) -> None:
    """rule M15: seven days less one of margin; to the second."""
    assert method_for(NOW + ahead, NOW) is method


def test_a_card_is_charged_where_booking_does_not_say_when_the_visit_counts_as_done() -> None:
    """rule M15: a release of booking from before holds says nothing, and nobody guesses."""
    assert method_for(None, NOW) is CaptureMethod.AUTOMATIC


def test_the_bank_s_word_counts_but_no_longer_than_the_intent() -> None:
    """rule M15: Stripe cancels an intent that nobody captured seven days after it was made."""
    soon, late = NOW + 4 * DAY, NOW + 30 * DAY
    assert [lapses_at(told, NOW) for told in (None, soon, late)] == [NOW + 7 * DAY, soon, NOW + 7 * DAY]
    assert is_good_for(NOW + 3 * DAY, soon)
    assert not is_good_for(NOW + 3 * DAY + SECOND, soon)


@st.composite
def charges(draw: st.DrawFn) -> tuple[Split, Money, Money]:
    """A charge, and what of its service and its tip would go back."""
    currency = draw(st.sampled_from(["USD", "KWD", "JPY", "ISK", "UGX"]))
    unit = step(currency)
    units = st.integers(0, 100_000)
    service = draw(st.integers(1, 100_000))
    commission, tip = draw(st.integers(0, service)), draw(units)
    back, tip_back = draw(st.integers(0, service)), draw(st.integers(0, tip))
    amounts = [Money(number * unit, currency) for number in (service, tip, commission, back, tip_back)]
    return Split(*amounts[:3]), amounts[3], amounts[4]


@given(charges())
def test_what_is_kept_is_what_a_refund_of_the_rest_would_leave(charge: tuple[Split, Money, Money]) -> None:
    """rules M4, M7 and M9: the same to the unit, in steps of the currency, and nothing below the minimum."""
    split, service_back, tip_back = charge
    kept = kept_of(split, service_back, tip_back)
    refund = with_commission(split, sum_of([], split.total.currency), service_back, tip_back)
    left = split.total - refund.total
    if left.amount < MINIMUMS[left.currency]:
        assert kept == nothing_of(split)
        return
    assert kept.total == left
    assert kept.commission == split.commission - refund.commission
    assert 0 <= kept.commission.amount <= kept.service.amount
    assert kept.provider + kept.commission == kept.total
    assert all(is_exact(part) for part in (kept.service, kept.tip, kept.commission))
