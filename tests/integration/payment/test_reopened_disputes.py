"""Disputes that are closed and go on: each end is settled, and what waited meanwhile is sent."""

import pytest
from sqlalchemy import Engine

from services.payment.domain.disputes import DisputeStatus
from services.payment.usecases.desk import Desk
from services.payment.usecases.reconcile_books import compare_payment
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.disputing import disputed, look, say
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.refunding import balances, cancel, refunds_of
from tests.integration.payment.scripted_provider import ScriptedProvider


@pytest.mark.parametrize("ended", [DisputeStatus.WARNING_CLOSED, DisputeStatus.WON])
def test_a_loss_after_another_end_has_its_bearers(
    ended: DisputeStatus, paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: a question was closed, or a dispute won, and the next that we hear is that it is lost."""
    booked = bookings.hold()
    payment_id = pay(paying, booked)["payment_id"]
    is_question = ended is DisputeStatus.WARNING_CLOSED
    first = DisputeStatus.WARNING_NEEDS_RESPONSE if is_question else DisputeStatus.NEEDS_RESPONSE
    dispute_id = disputed(paying, owner, scripted, payment_id, 10000, first)
    say(paying, owner, scripted, dispute_id, ended)
    for _ in range(2):
        say(paying, owner, scripted, dispute_id, DisputeStatus.LOST)
    found = balances(owner, booked.id)
    assert (found["provider_payable"], found["platform_commission"], found["disputed_funds"]) == (0, 0, 0)
    assert compare_payment(paying.transaction, paying.providers, payment_id).differences == []


def test_a_refund_that_waited_twice_is_sent(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: the question was closed and became a dispute before the refund's job had come."""
    booked = bookings.hold()
    payment_id = pay(paying, booked)["payment_id"]
    question = DisputeStatus.WARNING_NEEDS_RESPONSE
    dispute_id = disputed(paying, owner, scripted, payment_id, 10000, question)
    cancel(paying, booked, 75, 7500)
    run_jobs(paying, owner)
    for status in (DisputeStatus.WARNING_CLOSED, DisputeStatus.NEEDS_RESPONSE):
        scripted.disputes.say(dispute_id, status)
        look(paying, owner, dispute_id)
    run_jobs(paying, owner)
    assert [one["status"] for one in refunds_of(owner, payment_id)] == ["due"]
    say(paying, owner, scripted, dispute_id, DisputeStatus.WON)
    assert [one["status"] for one in refunds_of(owner, payment_id)] == ["succeeded"]
    assert rows(owner, "SELECT 1 FROM job WHERE state = 'parked'") == []
