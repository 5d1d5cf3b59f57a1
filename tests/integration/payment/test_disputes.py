"""Disputes: nothing goes out while one is open; lost it is borne like a refund, won everything goes on."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.domain.disputes import DisputeStatus, HoldKind
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_cancelled
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.refunds_due import refund_part
from shared.contracts.payment_disputes import payment_in_dispute
from shared.errors import ServiceError
from shared.money import Money
from tests.integration.payment.bookings import Booked, Bookings, due, ended
from tests.integration.payment.disputing import dispute_row, disputed, hear, intent_of, say, warn
from tests.integration.payment.paying import pay
from tests.integration.payment.records import events, rows, run_jobs
from tests.integration.payment.refunding import balances
from tests.integration.payment.scripted_provider import ScriptedProvider, stripe_keeps
from tests.integration.payment.visits import begin_payouts, complete, release, share_of

NOTHING = Money(0, "USD")


def told(owner: Engine) -> list[dict[str, Any]]:
    return [one["data"] | {"type": one["type"]} for one in events(owner) if "disput" in one["type"]]


def operations(owner: Engine) -> list[tuple[str, str]]:
    query = "SELECT op, state FROM payment_op WHERE dispute_id IS NOT NULL ORDER BY id"
    return [(one["op"], one["state"]) for one in rows(owner, query)]


def refunds(owner: Engine) -> list[tuple[str, int]]:
    query = "SELECT status, service_amount + tip_amount AS amount FROM refund ORDER BY id"
    return [(one["status"], one["amount"]) for one in rows(owner, query)]


def cancel(desk: Desk, owner: Engine, booked: Booked, percent: int, service: int) -> None:
    on_booking_cancelled(desk, ended(booked, "cancelled", **due(booked, percent, service, 0)))
    run_jobs(desk, owner)


def test_an_open_dispute_freezes_the_payout(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11, rule M14: whether the share waits or is due already; won, it is paid out."""
    waiting, ready = bookings.hold(), bookings.hold()
    first, second = pay(paying, waiting), release(paying, ready)
    complete(paying, waiting)
    open_ = [disputed(paying, owner, scripted, one["payment_id"], 10000) for one in (first, second)]
    release_shares(paying)
    begin_payouts(paying, owner)
    assert share_of(owner, first["payment_id"])["state"] == "waiting"
    assert rows(owner, "SELECT 1 FROM payout") == []
    found = balances(owner, ready.id)
    assert (found["disputed_funds"], found["stripe_clearing"]) == (10000, -1500 - stripe_keeps(10000))
    assert found["dispute_costs"] == 1500
    for one in open_:
        say(paying, owner, scripted, one, DisputeStatus.WON)
    release_shares(paying)
    begin_payouts(paying, owner)
    assert rows(owner, "SELECT amount FROM payout")[0]["amount"] == 2 * 9000
    assert balances(owner, ready.id)["disputed_funds"] == 0
    assert [one["type"] for one in told(owner)] == ["payment_disputed"] * 2 + ["payment_dispute_closed"] * 2


def test_no_refund_leaves_beside_a_dispute(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: an administrator's is refused, a cancellation's waits; won, it is sent."""
    booked = bookings.hold()
    paid = pay(paying, booked)
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 10000)
    with pytest.raises(ServiceError) as refusal:
        refund_part(paying, paid["payment_id"], Money(100, "USD"), NOTHING, "part")
    assert payment_in_dispute.matches(refusal.value)
    cancel(paying, owner, booked, 75, 7500)
    assert refunds(owner) == [("due", 7500)]
    assert scripted.seen_refunds == []
    say(paying, owner, scripted, dispute_id, DisputeStatus.WON)
    assert refunds(owner) == [("succeeded", 7500)]
    assert balances(owner, booked.id)["provider_payable"] == -2250


def test_a_lost_dispute_is_borne_like_a_refund(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules M14 and M9: the provider's part and the commission on it; Stripe's fee is the platform's."""
    booked = bookings.hold()
    paid = pay(paying, booked, "5.00")
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 10250)
    assert scripted.disputes.moved
    assert list(scripted.disputes.moved.values()) == [-9250]
    say(paying, owner, scripted, dispute_id, DisputeStatus.LOST)
    found = balances(owner, booked.id)
    assert (found["provider_payable"], found["platform_commission"]) == (-250, 0)
    assert (found["disputed_funds"], found["dispute_costs"]) == (0, 1500)
    assert found["stripe_clearing"] == 10500 - 10250 - 1500 - stripe_keeps(10500)
    closed = told(owner)[-1]
    assert (closed["lost"]["amount"], closed["provider_bears"]["amount"]) == (10250, 9250)
    assert operations(owner) == [("reverse_transfer", "ok")]
    with pytest.raises(ServiceError):
        refund_part(paying, paid["payment_id"], NOTHING, Money(250, "USD"), "rest")


def test_a_dispute_over_a_part_leaves_the_rest(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules M11 and M14: what was lost counts as given; where Stripe allows it the rest can be refunded."""
    booked = bookings.hold()
    paid = pay(paying, booked)
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 4000, refundable=True)
    say(paying, owner, scripted, dispute_id, DisputeStatus.LOST)
    assert balances(owner, booked.id)["provider_payable"] == -5400
    with pytest.raises(ServiceError):
        refund_part(paying, paid["payment_id"], Money(6001, "USD"), NOTHING, "too much")
    refund_part(paying, paid["payment_id"], Money(6000, "USD"), NOTHING, "rest")
    run_jobs(paying, owner)
    found = balances(owner, booked.id)
    assert (found["provider_payable"], found["platform_commission"]) == (0, 0)


def test_what_a_bank_gave_is_owed_no_more(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: cancelled before or after the loss, the customer has 75 in all, never 40 beside it."""
    before, after = bookings.hold(), bookings.hold()
    for booked, is_cancelled_first in ((before, True), (after, False)):
        paid = pay(paying, booked)
        dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 4000, refundable=True)
        if is_cancelled_first:
            cancel(paying, owner, booked, 75, 7500)
        say(paying, owner, scripted, dispute_id, DisputeStatus.LOST)
        if not is_cancelled_first:
            cancel(paying, owner, booked, 75, 7500)
        found = balances(owner, booked.id)
        assert (found["provider_payable"], found["platform_commission"]) == (-2250, -250)
        assert found["refunds_payable"] == 0
    assert refunds(owner) == [("covered", 7500), ("succeeded", 3500), ("succeeded", 3500)]


def test_a_loss_after_the_payout_is_owed_by_the_provider(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules M13 and M14: the account has not enough, so that the next payouts keep it."""
    booked = bookings.hold()
    paid = release(paying, booked)
    begin_payouts(paying, owner)
    scripted.disputes.refusal = "balance_insufficient"
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 10000)
    say(paying, owner, scripted, dispute_id, DisputeStatus.LOST)
    assert operations(owner) == [("reverse_transfer", "failed")]
    assert balances(owner, booked.id)["provider_receivable"] == 9000


def test_two_disputes_of_one_charge(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: each for itself; while one is open nothing goes out; more than was left is our own loss."""
    booked = bookings.hold()
    paid = pay(paying, booked)
    first, second = (disputed(paying, owner, scripted, paid["payment_id"], 7000) for _ in range(2))
    cancel(paying, owner, booked, 50, 5000)
    say(paying, owner, scripted, first, DisputeStatus.WON)
    assert refunds(owner) == [("due", 5000)]
    say(paying, owner, scripted, second, DisputeStatus.LOST)
    third = disputed(paying, owner, scripted, paid["payment_id"], 7000, DisputeStatus.LOST)
    found = balances(owner, booked.id)
    assert (found["provider_payable"], found["platform_commission"]) == (0, 0)
    assert dispute_row(owner, third)["lost_excess_amount"] == 4000
    assert found["dispute_costs"] == 4000 + 2 * 1500
    assert found["disputed_funds"] == 0


def test_the_provider_s_part_is_given_again_when_it_is_won(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: taken back by one request, given again by another; once each, whatever comes twice."""
    paid = pay(paying, bookings.hold())
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 10000)
    for _ in range(2):
        say(paying, owner, scripted, dispute_id, DisputeStatus.WON)
    assert sorted(scripted.disputes.moved.values()) == [-9000, 9000]
    assert operations(owner) == [("reverse_transfer", "ok"), ("return_transfer", "ok")]


def test_without_transfers_it_is_written_down_that_nothing_was_sent(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11: the stand-in has no transfers: checked, kept, not simulated."""
    scripted.disputes.knows_transfers = False
    paid = pay(paying, bookings.hold())
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 10000)
    say(paying, owner, scripted, dispute_id, DisputeStatus.WON)
    assert operations(owner) == [("reverse_transfer", "not_simulated"), ("return_transfer", "not_simulated")]
    assert scripted.disputes.moved == {}


def test_an_older_look_takes_nothing_back(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule W2: whatever the order of webhooks, and however often; the money moves once."""
    paid = pay(paying, bookings.hold())
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 10000)
    old = scripted.disputes.seen[dispute_id]
    say(paying, owner, scripted, dispute_id, DisputeStatus.LOST)
    before = rows(owner, "SELECT count(*) AS n FROM ledger_transaction")
    scripted.disputes.seen[dispute_id] = old
    for word in ("created", "funds_withdrawn", "updated"):
        hear(paying, owner, f"charge.dispute.{word}", dispute_id, intent_of(owner, paid["payment_id"]))
    assert dispute_row(owner, dispute_id)["status"] == "lost"
    assert rows(owner, "SELECT count(*) AS n FROM ledger_transaction") == before
    assert len(told(owner)) == 2


def test_a_question_of_the_bank_takes_nothing(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: it stops refund and payout all the same; closed, both go on; it may become a dispute."""
    booked = bookings.hold()
    paid = release(paying, booked)
    warning = DisputeStatus.WARNING_NEEDS_RESPONSE
    dispute_id = disputed(paying, owner, scripted, paid["payment_id"], 10000, warning)
    begin_payouts(paying, owner)
    assert rows(owner, "SELECT 1 FROM payout") == []
    assert "disputed_funds" not in balances(owner, booked.id)
    assert operations(owner) == []
    say(paying, owner, scripted, dispute_id, DisputeStatus.WARNING_CLOSED)
    begin_payouts(paying, owner)
    assert len(rows(owner, "SELECT 1 FROM payout")) == 1
    say(paying, owner, scripted, dispute_id, DisputeStatus.NEEDS_RESPONSE)
    assert balances(owner, booked.id)["disputed_funds"] == 10000
    assert len(told(owner)) == 3


@pytest.mark.parametrize("kind", HoldKind)
def test_a_warning_holds_the_payout(
    kind: HoldKind, paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rule M14: until Stripe lifts it; one of fraud, which nobody lifts, ends after 30 days."""
    paid = release(paying, bookings.hold())
    hold_id = warn(paying, owner, scripted, paid["payment_id"], kind)
    begin_payouts(paying, owner)
    assert rows(owner, "SELECT 1 FROM payout") == []
    if kind is HoldKind.REVIEW:
        scripted.disputes.lift(hold_id)
        hear(paying, owner, "review.closed", hold_id, intent_of(owner, paid["payment_id"]))
    else:
        rows(
            owner,
            "UPDATE payout_hold SET ends_at = ends_at - :days RETURNING 1",
            days=timedelta(days=30, seconds=1),
        )
    begin_payouts(paying, owner)
    assert len(rows(owner, "SELECT 1 FROM payout")) == 1


def test_a_refund_that_may_have_been_sent_is_looked_for(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """rules M14 and W7: no answer came, then the bank disputes: what was done counts, once."""
    booked = bookings.hold()
    paid = pay(paying, booked)
    scripted.answers = False
    refund_part(paying, paid["payment_id"], Money(3000, "USD"), NOTHING, "part")
    run_jobs(paying, owner)
    assert refunds(owner) == [("claimed", 3000)]
    scripted.answers = True
    disputed(paying, owner, scripted, paid["payment_id"], 7000, DisputeStatus.LOST)
    rows(owner, "UPDATE job SET run_at = app_now() WHERE state = 'waiting' RETURNING 1")
    run_jobs(paying, owner)
    assert refunds(owner) == [("succeeded", 3000)]
    assert len(scripted.seen_refunds) == 1
    found = balances(owner, booked.id)
    assert (found["provider_payable"], found["refunds_payable"]) == (0, 0)
