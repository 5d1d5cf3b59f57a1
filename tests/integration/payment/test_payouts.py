"""Payouts: what is due is paid out once, less what is owed; what fails is due again, and everyone is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.clients.payment_provider import SERVER_ERROR
from services.payment.domain.payouts import PayoutState
from services.payment.usecases.desk import Desk
from services.payment.usecases.make_payouts import ROUND_JOB
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.reconcile_books import compare_payment
from services.payment.usecases.refunds_due import refund_part
from shared.database.transaction import read_app_now
from shared.ids import new_id
from shared.messages import jobs
from shared.money import Money
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.disputing import disputed
from tests.integration.payment.paying import pay
from tests.integration.payment.records import events, rows, run_jobs
from tests.integration.payment.refunding import balances
from tests.integration.payment.scripted_connect import ScriptedConnect
from tests.integration.payment.scripted_provider import ScriptedProvider, stripe_keeps
from tests.integration.payment.visits import (
    begin_payouts,
    complete,
    look_at_payouts,
    release,
    share_of,
    with_account,
)


@pytest.fixture
def connect(scripted: ScriptedProvider) -> ScriptedConnect:
    return scripted.connect


def payouts_of(owner: Engine) -> list[dict[str, Any]]:
    return rows(owner, "SELECT * FROM payout ORDER BY id")


def told(owner: Engine) -> list[tuple[str, int]]:
    return [
        (one["type"], one["data"]["amount"]["amount"])
        for one in events(owner)
        if one["type"].startswith("payout")
    ]


def say(desk: Desk, owner: Engine, connect: ScriptedConnect, state: PayoutState) -> None:
    """Stripe says something newer of every payout, and we look."""
    connect.say(state)
    look_at_payouts(desk, owner)


def test_what_is_due_is_paid_out_in_one_payout(
    paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """promise D11: three visits, one payout; each line belongs to its visit; nothing is paid twice."""
    booked = [bookings.hold() for _ in range(3)]
    for one in booked:
        release(paying, one, "5.00")
    begin_payouts(paying, owner)
    begin_payouts(paying, owner)
    payout = payouts_of(owner)[0]
    assert (len(payouts_of(owner)), payout["amount"], payout["state"]) == (1, 3 * 9500, "sent")
    account, seen = connect.payouts[payout["provider_payout_id"]]
    assert (account, seen.amount, seen.currency) == (payout["account_id"], 28500, "usd")
    for one in booked:
        found = balances(owner, one.id)
        assert (found["provider_due"], found["payouts_in_transit"]) == (0, -9500)
    say(paying, owner, connect, PayoutState.PAID)
    for one in booked:
        found = balances(owner, one.id)
        assert (found["payouts_in_transit"], found["stripe_clearing"]) == (0, 1000 - stripe_keeps(10500))
    assert told(owner) == [("payout_sent", 28500), ("payout_paid", 28500)]
    references = rows(owner, "SELECT reference FROM ledger_transaction WHERE kind = 'payout_paid'")
    assert len({one["reference"] for one in references}) == len(references) == 3


@pytest.mark.parametrize("was_paid", [False, True])
def test_a_payout_that_fails_is_due_again(
    was_paid: bool, paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """promise D11: on its way, or after it was paid; the next round pays it by another."""
    booked = bookings.hold()
    paid = release(paying, booked)
    begin_payouts(paying, owner)
    if was_paid:
        say(paying, owner, connect, PayoutState.PAID)
    say(paying, owner, connect, PayoutState.FAILED)
    found = balances(owner, booked.id)
    assert (found["provider_due"], found["payouts_in_transit"]) == (-9000, 0)
    assert found["stripe_clearing"] == 10000 - stripe_keeps(10000)
    assert share_of(owner, paid["payment_id"])["state"] == "released"
    assert told(owner)[-1] == ("payout_failed", 9000)
    begin_payouts(paying, owner)
    assert [one["state"] for one in payouts_of(owner)] == ["failed", "sent"]
    assert balances(owner, booked.id)["provider_due"] == 0


def test_a_refusal_pays_nothing_and_loses_nothing(
    paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """promise D11: Stripe does not take it on: nothing has moved."""
    booked = bookings.hold()
    release(paying, booked)
    connect.refusal = "balance_insufficient"
    begin_payouts(paying, owner)
    payout = payouts_of(owner)[0]
    assert (payout["state"], payout["failure_code"]) == ("failed", "balance_insufficient")
    assert balances(owner, booked.id)["provider_due"] == -9000
    connect.refusal = None
    begin_payouts(paying, owner)
    assert [one["state"] for one in payouts_of(owner)] == ["failed", "sent"]


def test_what_went_back_after_a_payout_is_kept_from_the_next(
    paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """rule M13: netted to the unit, and owed again when that payout fails."""
    first, second = bookings.hold(), bookings.hold()
    paid = release(paying, first)
    begin_payouts(paying, owner)
    say(paying, owner, connect, PayoutState.PAID)
    refund_part(paying, paid["payment_id"], Money(3001, "USD"), Money(0, "USD"), "part")
    run_jobs(paying, owner)
    assert balances(owner, first.id)["provider_receivable"] == 3001 - 300
    begin_payouts(paying, owner)
    assert len(payouts_of(owner)) == 1
    release(paying, second)
    begin_payouts(paying, owner)
    assert payouts_of(owner)[1]["amount"] == 9000 - 2701
    assert (balances(owner, first.id)["provider_receivable"], balances(owner, first.id)["provider_due"]) == (
        0,
        0,
    )
    connect.say(PayoutState.FAILED)
    say(paying, owner, connect, PayoutState.FAILED)
    assert balances(owner, first.id)["provider_receivable"] == 2701
    assert balances(owner, second.id)["provider_due"] == -9000


def test_nobody_is_paid_who_would_owe_more(
    paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """rule M13: a receivable above what is due waits, with what is due."""
    first, second = bookings.hold(), bookings.hold(1000)
    paid = release(paying, first)
    begin_payouts(paying, owner)
    refund_part(paying, paid["payment_id"], Money(10000, "USD"), Money(0, "USD"), "all")
    run_jobs(paying, owner)
    release(paying, second)
    begin_payouts(paying, owner)
    assert len(payouts_of(owner)) == 1
    assert balances(owner, second.id)["provider_due"] == -900


def test_an_answer_that_is_lost_makes_no_second_payout(
    paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """promise D11, rule W7: before a repeat it is looked for; a failure of Stripe's own uses the key up."""
    release(paying, bookings.hold())
    connect.answers = False
    begin_payouts(paying, owner)
    assert len(connect.sent) == 1
    assert payouts_of(owner)[0]["state"] == "sent"
    release(paying, bookings.hold())
    connect.payouts.clear()
    rows(owner, "UPDATE provider_op SET claimed_until = NULL RETURNING 1")
    begin_payouts(paying, owner)
    assert [one["state"] for one in payouts_of(owner)] == ["sent", "sent"]
    assert len(set(connect.sent)) == 2


def test_a_failure_of_stripes_own_is_tried_under_another_key(
    paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """rule W7: 5xx is answered again and again under a key; nothing was made, so another may be used."""
    release(paying, bookings.hold())
    connect.answers = False
    with paying.transaction() as connection:
        jobs.enqueue(connection, ROUND_JOB, new_id(), {}, read_app_now(connection))
    run_jobs(paying, owner)
    run_jobs(paying, owner)
    connect.payouts.clear()
    rows(
        owner,
        "UPDATE provider_op SET error_code = :code, state = 'unknown' RETURNING 1",
        code=SERVER_ERROR,
    )
    rows(owner, "UPDATE payout SET state = 'created', provider_payout_id = NULL RETURNING 1")
    connect.answers = True
    for _ in range(3):
        run_jobs(paying, owner)
    states = rows(owner, "SELECT state FROM provider_op ORDER BY attempt")
    assert [one["state"] for one in states] in (["failed", "ok"], ["unknown"])


@pytest.mark.parametrize("why", ["dispute", "refund"])
def test_a_payout_that_was_not_sent_is_given_up_when_its_money_is_in_doubt(
    why: str, paying: Desk, scripted: ScriptedProvider, bookings: Bookings, owner: Engine
) -> None:
    """rules M14 and M21: Stripe was busy, then one of two payments is frozen; the other is paid later."""
    doubted = release(paying, bookings.hold())["payment_id"]
    release(paying, bookings.hold())
    scripted.connect.is_busy = True
    begin_payouts(paying, owner)
    assert [one["state"] for one in payouts_of(owner)] == ["created"]
    if why == "dispute":
        disputed(paying, owner, scripted, doubted, 10000)
    else:
        scripted.gives = False
        refund_part(paying, doubted, Money(4000, "USD"), Money(0, "USD"), "part")
    scripted.connect.is_busy = False
    for _ in range(2):
        begin_payouts(paying, owner)
    found = [(one["state"], one["amount"]) for one in payouts_of(owner)]
    kept = 0 if why == "dispute" else 3600
    assert found == [("failed", 18000), ("sent", 9000 - kept)]
    for payment_id in (str(one["id"]) for one in rows(owner, "SELECT id FROM payment")):
        assert compare_payment(paying.transaction, paying.providers, payment_id).differences == []


@pytest.mark.parametrize("why", ["no account", "not enabled", "balance", "refund"])
def test_money_that_can_not_be_paid_out_waits(
    why: str, paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """rule M21: gated on the account's abilities, on its balance, and on what is not decided."""
    booked = bookings.hold()
    paid = release(paying, booked)
    if why == "no account":
        rows(owner, "UPDATE provider_account SET account_id = NULL RETURNING 1")
    if why == "not enabled":
        with_account(owner, bookings.provider_id, enabled=False)
    if why == "balance":
        connect.balance = 8999
    if why == "refund":
        refund_part(paying, paid["payment_id"], Money(1, "USD"), Money(0, "USD"), "part")
        rows(owner, "UPDATE refund SET status = 'failed' RETURNING 1")
    begin_payouts(paying, owner)
    assert payouts_of(owner) == []
    assert connect.sent == []
    connect.balance = 9000
    with_account(owner, bookings.provider_id)
    rows(owner, "UPDATE refund SET status = 'succeeded', provider_refund_id = 're_1' RETURNING 1")
    begin_payouts(paying, owner)
    assert [one["state"] for one in payouts_of(owner)] == ["sent"]


def test_forints_are_paid_out_in_whole_units(
    paying: Desk, bookings: Bookings, connect: ScriptedConnect, owner: Engine
) -> None:
    """rule M4: the rest stays due, for the next payout."""
    booked = bookings.hold(1000050, "HUF")
    release(paying, booked)
    begin_payouts(paying, owner)
    assert payouts_of(owner)[0]["amount"] == 900000
    assert balances(owner, booked.id)["provider_due"] == -(1000050 - 100005 - 900000)
    release(paying, bookings.hold(1000050, "HUF"))
    begin_payouts(paying, owner)
    assert payouts_of(owner)[1]["amount"] == 900000
    assert sum(one["amount"] for one in payouts_of(owner)) == 1800000


def test_the_stand_in_pays_nobody_and_says_so(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """promise D11: with the stand-in a payout is checked and kept, goes its way, and is marked."""
    booked = bookings.hold()
    release(desk, booked)
    begin_payouts(desk, owner)
    payout = payouts_of(owner)[0]
    assert (payout["state"], payout["simulated"], payout["amount"]) == ("paid", True, 9000)
    assert rows(owner, "SELECT state FROM provider_op") == [{"state": "not_simulated"}]
    assert [name for name, _ in told(owner)] == ["payout_sent", "payout_paid"]
    assert all(one["data"]["simulated"] for one in events(owner))


def test_a_share_that_is_not_released_is_in_no_payout(
    paying: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M21: paid, and even completed, is not due."""
    booked = bookings.hold()
    pay(paying, booked)
    begin_payouts(paying, owner)
    complete(paying, booked, timedelta(hours=1))
    release_shares(paying)
    begin_payouts(paying, owner)
    assert payouts_of(owner) == []
