"""What is given back is shown first; cancelling gives back what was shown, or does nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.contracts.booking_forms import RefundQuoteSchema
from shared.contracts.declaration import write
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, member_of, somebody
from tests.integration.booking.ledger import Ledger

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
LAST_INSTANT = timedelta(microseconds=1)
PARTS = ("refund_percent", "tip_percent", "service_refund", "tip_refund")


def _paid(desk: Desk) -> dict[str, Any]:
    booking = desk.hold(desk.open_provider())
    desk.payment_succeeds(booking)
    return booking


def _until(booking: dict[str, Any], notice: timedelta) -> timedelta:
    """How far the clock has to go for that much notice."""
    start: datetime = booking["starts_at"]
    return start - notice - clock.now()


def _shown(refund: dict[str, Any]) -> tuple[int, int, int, int]:
    percent, tip_percent, service, tip = (refund[part] for part in PARTS)
    return (percent, tip_percent, service["amount"], tip["amount"])


@pytest.mark.parametrize(
    ("notice", "shown", "hours"),
    [
        (DAY + MINUTE, (100, 100, 10000, 500), 24),
        (DAY - MINUTE, (75, 100, 7500, 500), 2),
        (timedelta(minutes=119), (50, 100, 5000, 500), 0),
    ],
)
def test_cancelling_gives_back_what_was_shown(
    desk: Desk, move_clock: MoveClock, notice: timedelta, shown: tuple[int, int, int, int], hours: int
) -> None:
    """promise C6, rules B1 and B3: the refund is shown with its validity and executed exactly."""
    booking = _paid(desk)
    with move_clock(_until(booking, notice)):
        quote = desk.refund_quote(booking)
        assert write(RefundQuoteSchema, quote)
        assert desk.refund_quote(booking) == quote
        cancelled = desk.cancel(booking, refund_quote_id=quote["quote_id"])
    assert (_shown(quote), quote["notice_hours"]) == (shown, hours)
    edge = booking["starts_at"] - timedelta(hours=hours)
    assert quote["valid_until"] == (edge if hours else edge - LAST_INSTANT)
    assert {part: cancelled["refund"][part] for part in PARTS} == {part: quote[part] for part in PARTS}


def test_a_quote_whose_time_has_passed_does_nothing(
    desk: Desk, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rule B3: 409 with the new quote; the booking stands until its customer agrees to that one."""
    booking = _paid(desk)
    with move_clock(_until(booking, DAY + MINUTE)):
        old = desk.refund_quote(booking)
    with move_clock(_until(booking, DAY - MINUTE)):
        with pytest.raises(ServiceError) as refused:
            desk.cancel(booking, refund_quote_id=old["quote_id"])
        assert refused.value.code == "quote_changed"
        assert ledger.state(booking["booking_id"]) == "confirmed"
        new = refused.value.details["quote"]
        assert _shown(new) == (75, 100, 7500, 500)
        cancelled = desk.cancel(booking, refund_quote_id=new["quote_id"])
    assert _shown(cancelled["refund"]) == (75, 100, 7500, 500)


def test_a_quote_from_before_the_payment_is_not_that_of_a_paid_booking(desk: Desk) -> None:
    """rule B3: unpaid, nothing is due; money that came meanwhile makes another quote."""
    booking = desk.hold(desk.open_provider())
    quote = desk.refund_quote(booking)
    assert _shown(quote) == (100, 100, 0, 0)
    desk.payment_succeeds(booking)
    with pytest.raises(ServiceError) as refused:
        desk.cancel(booking, refund_quote_id=quote["quote_id"])
    assert refused.value.code == "quote_changed"


@pytest.mark.parametrize("made_up", ["rq_0", "rq_" + "0" * 32, "100 %"])
def test_a_quote_that_was_never_made_does_nothing(desk: Desk, made_up: str) -> None:
    """rule B3: whoever makes up an id gets no other amounts than those that are due."""
    booking = _paid(desk)
    with pytest.raises(ServiceError) as refused:
        desk.cancel(booking, refund_quote_id=made_up)
    assert refused.value.code == "quote_changed"


def test_anothers_quote_is_no_quote(desk: Desk) -> None:
    """rule B3: a quote belongs to its booking."""
    booking, other = _paid(desk), _paid(desk)
    with pytest.raises(ServiceError) as refused:
        desk.cancel(booking, refund_quote_id=desk.refund_quote(other)["quote_id"])
    assert refused.value.code == "quote_changed"


def test_only_its_customer_is_shown_a_quote(desk: Desk) -> None:
    """rule B11: to everybody else the booking does not exist."""
    provider = desk.open_provider()
    booking = desk.hold(provider)
    for caller in (somebody(), member_of(provider)):
        with pytest.raises(ServiceError) as refused:
            desk.refund_quote(booking, caller)
        assert refused.value.code == "not_found"


def test_what_can_not_be_cancelled_has_no_quote(desk: Desk, move_clock: MoveClock) -> None:
    """rule B1: not after the start; rule B5: not when it has ended."""
    booking, ended = _paid(desk), _paid(desk)
    desk.cancel(ended)
    with move_clock(_until(booking, -MINUTE)), pytest.raises(ServiceError) as begun:
        desk.refund_quote(booking)
    with pytest.raises(ServiceError) as over:
        desk.refund_quote(ended)
    assert {begun.value.code, over.value.code} == {"booking_state_conflict"}


def test_a_repeat_under_its_key_answers_the_same(desk: Desk, move_clock: MoveClock) -> None:
    """rule C13: also when the quote would have changed meanwhile."""
    booking = _paid(desk)
    members = {"refund_quote_id": desk.refund_quote(booking)["quote_id"], "idempotency_key": new_id()}
    first = desk.cancel(booking, **members)
    with move_clock(_until(booking, MINUTE)):
        assert desk.cancel(booking, **members) == first


def test_what_was_given_back_before_is_taken_off(desk: Desk) -> None:
    """promise C6: the newest report counts, whatever the order of arrival."""
    booking = desk.hold(desk.open_provider())
    payment_id = desk.payment_succeeds(booking).aggregate_id
    desk.payment_refunded(booking, 4000, 0, payment_id=payment_id, version=4)
    desk.payment_refunded(booking, 1000, 0, payment_id=payment_id, version=3)
    assert _shown(desk.refund_quote(booking)) == (100, 100, 6000, 500)
    desk.payment_refunded(booking, 10000, 500, payment_id=payment_id, version=5)
    assert _shown(desk.refund_quote(booking)) == (100, 100, 0, 0)
