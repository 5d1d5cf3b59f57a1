"""A provider's share waits for the visit, its waiting time and whatever is undecided; then it is due."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from services.payment.usecases.desk import Desk
from services.payment.usecases.provider_money import release_shares
from services.payment.usecases.reconcile_books import compare_payment
from services.payment.usecases.refunds_due import refund_part
from shared.money import Money
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.paying import ask_for_3ds, pay
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.refunding import balances, cancel
from tests.integration.payment.standin import StandIn
from tests.integration.payment.visits import complete, release, share_of


def test_a_share_is_due_after_the_visit_and_the_waiting_time(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M21: not when it is paid, not when the visit is over: after the waiting time, once."""
    booked = bookings.hold()
    paid = pay(desk, booked, "5.00")
    assert release_shares(desk) == 0
    complete(desk, booked, timedelta(seconds=desk.payout_wait_seconds - 60))
    assert release_shares(desk) == 0
    assert balances(owner, booked.id)["provider_payable"] == -9500
    rows(owner, "UPDATE provider_share SET over_at = over_at - interval '2 minutes' RETURNING 1")
    assert [release_shares(desk), release_shares(desk)] == [1, 0]
    after = balances(owner, booked.id)
    assert (after["provider_payable"], after["provider_due"]) == (0, -9500)
    share = share_of(owner, paid["payment_id"])
    assert (share["state"], share["released_amount"], share["is_due"]) == ("released", 9500, True)


def test_a_visit_that_is_paid_after_it_took_place_waits_too(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule M21: completed before captured ends like captured before completed."""
    booked, asked = ask_for_3ds(desk, bookings)
    complete(desk, booked)
    assert release_shares(desk) == 0
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    run_jobs(desk, owner)
    assert release_shares(desk) == 1


def test_a_share_that_went_back_is_no_longer_due(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule M21: released, and then given back in full: no payout looks for it, and the books agree."""
    paid = release(desk, bookings.hold())
    for amount, is_due in ((4000, True), (6000, False)):
        refund_part(desk, paid["payment_id"], Money(amount, "USD"), Money(0, "USD"), f"part {amount}")
        run_jobs(desk, owner)
        assert share_of(owner, paid["payment_id"])["is_due"] is is_due
        assert compare_payment(desk.transaction, desk.providers, paid["payment_id"]).differences == []


def test_a_refund_under_way_freezes_the_share(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule M21: released when the refund has settled, less what went back."""
    booked = bookings.hold()
    paid = pay(desk, booked)
    complete(desk, booked)
    refund_part(desk, paid["payment_id"], Money(4000, "USD"), Money(0, "USD"), "part")
    assert release_shares(desk) == 0
    rows(owner, "UPDATE refund SET status = 'failed' RETURNING 1")
    assert release_shares(desk) == 0
    rows(owner, "UPDATE refund SET status = 'due' RETURNING 1")
    run_jobs(desk, owner)
    assert release_shares(desk) == 1
    assert balances(owner, booked.id)["provider_due"] == -(9000 - 4000 + 400)


def test_what_a_late_cancellation_leaves_is_released(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule M21: the retained part waits from the cancellation on."""
    booked = bookings.hold()
    pay(desk, booked)
    cancel(desk, booked, 75, 7500)
    run_jobs(desk, owner)
    assert release_shares(desk) == 0
    rows(owner, "UPDATE provider_share SET over_at = over_at - interval '3 days' RETURNING 1")
    assert release_shares(desk) == 1
    assert balances(owner, booked.id)["provider_due"] == -2250


@pytest.mark.parametrize(
    ("state", "account"), [("released", "provider_due"), ("paid_out", "provider_receivable")]
)
def test_what_goes_back_is_taken_from_where_the_share_stands(
    state: str, account: str, desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule M13: before a payout it lowers what is due; after one the provider owes it."""
    booked = bookings.hold()
    paid = release(desk, booked)
    rows(owner, "UPDATE provider_share SET state = :state RETURNING 1", state=state)
    before = balances(owner, booked.id).get(account, 0)
    refund_part(desk, paid["payment_id"], Money(1000, "USD"), Money(0, "USD"), "part")
    assert balances(owner, booked.id)[account] - before == 900
