"""A tip after the visit: a second payment of the booking, the provider's alone, with its own refund."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.store import completions
from services.payment.usecases.administrator_refunds import refund_payment
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_completed
from services.payment.usecases.inspect_payments import inspect_payment
from services.payment.usecases.read_payments import get_payment
from services.payment.usecases.refunds_due import refund_part
from services.payment.usecases.tip_booking import tip_booking
from shared.contracts import payment as contract
from shared.contracts.declaration import Caller, write
from shared.errors import ServiceError
from shared.ids import new_id
from shared.money import Money
from tests.integration.payment.bookings import NEAR, Booked, Bookings, ended
from tests.integration.payment.paying import WITH_3DS, pay
from tests.integration.payment.records import events, payments_of, rows, run_jobs
from tests.integration.payment.refunding import balances, operations_of
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.test_administrator_refunds import ADMINISTRATOR, command, preview


@pytest.fixture
def done(desk: Desk, bookings: Bookings) -> Booked:
    """100.00, paid, and the visit has taken place."""
    booked = bookings.hold()
    pay(desk, booked)
    complete(desk, booked)
    return booked


def complete(desk: Desk, booked: Booked) -> None:
    with desk.transaction() as connection:
        completions.remember(connection, booked.id, 4, booked.quoted_at)


def tip(desk: Desk, booked: Booked, amount: str, caller: Caller | None = None, **more: str) -> dict[str, Any]:
    return tip_booking(desk, booked.request(tip=Decimal(amount), **more), caller or booked.customer)


def test_a_tip_is_a_payment_of_its_own(done: Booked, desk: Desk, owner: Engine) -> None:
    """promises D2 and D7: no commission, the whole tip the provider's, in the booking's transfer group."""
    before = balances(owner, done.id)
    given = tip(desk, done, "7.50")
    write(contract.TIP_BOOKING.answer, given)
    assert (given["kind"], given["status"], given["booking_id"]) == ("tip", "succeeded", done.id)
    assert [given[name]["amount"] for name in ("amount", "provider_amount", "platform_commission")] == [
        750,
        750,
        0,
    ]
    after = balances(owner, done.id)
    assert after["platform_commission"] == before["platform_commission"]
    assert after["provider_payable"] == before["provider_payable"] - 750
    created = operations_of(owner, "create")[-1]["params"]
    assert created["transfer_group"] == done.id
    assert created["metadata"]["kind"] == "tip"
    assert "application_fee_amount" not in created
    told = events(owner)[-1]
    assert (told["type"], told["data"]["kind"]) == ("payment_succeeded", "tip")
    assert get_payment(desk, given["payment_id"], done.customer)["invoice_number"].endswith("000002")


def test_a_tip_after_a_visit_whose_money_was_held(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """promise D7, rule M15: nothing of the hold is the tip's; it is taken at once, and all of it."""
    booked = bookings.hold(ahead=NEAR)
    pay(desk, booked)
    on_booking_completed(desk, ended(booked, "completed"))
    run_jobs(desk, owner)
    given = tip(desk, booked, "7.50")
    assert (given["status"], given["captured"], given["captured_amount"]["amount"]) == (
        "succeeded",
        True,
        750,
    )
    of_visit, of_tip = payments_of(owner, booked.id)
    assert (of_visit["capture_cause"], of_tip["capture_cause"]) == ("completed", None)
    assert (of_tip["capture_method"], of_tip["capture_before"]) == ("automatic", None)


def test_what_stripe_keeps_of_a_tip_is_posted_too(
    desk: Desk, bookings: Bookings, owner: Engine, gateway: StripeGateway
) -> None:
    """promise D10: a charge of its own has a fee of its own, beside that of the visit's."""
    provider = ScriptedProvider(gateway)
    provider.fee_currency = "USD"
    paying = replace(desk, provider=provider)
    booked = bookings.hold()
    pay(paying, booked)
    complete(paying, booked)
    tip(paying, booked, "7.50")
    fees = rows(owner, "SELECT t.payment_id FROM ledger_transaction t WHERE kind = 'stripe_fee'")
    assert {str(one["payment_id"]) for one in fees} == {
        str(one["id"]) for one in payments_of(owner, booked.id)
    }


def test_a_tip_is_given_once(done: Booked, desk: Desk, owner: Engine) -> None:
    """rules W9 and C13: the same request again is the same tip; another is refused."""
    first = tip(desk, done, "5.00", key="a key")
    assert tip(desk, done, "5.00", key="a key")["payment_id"] == first["payment_id"]
    with pytest.raises(ServiceError, match="idempotency_key_reused"):
        tip(desk, done, "6.00", key="a key")
    with pytest.raises(ServiceError, match="already_tipped"):
        tip(desk, done, "5.00")
    assert [one["kind"] for one in payments_of(owner, done.id)] == ["booking", "tip"]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0.49", "amount_below_minimum"),
        ("0", "amount_below_minimum"),
        ("-1", "validation_failed"),
        ("1.001", "amount_precision"),
        ("100.01", "tip_too_large"),
    ],
)
def test_a_tip_obeys_the_limits_of_a_charge(
    amount: str, code: str, done: Booked, desk: Desk, owner: Engine
) -> None:
    """promise D7, rule M18: a charge of its own, whose smallest amount is its own."""
    with pytest.raises(ServiceError, match=code):
        tip(desk, done, amount)
    assert len(payments_of(owner, done.id)) == 1


def test_a_tip_is_for_a_visit_that_took_place(desk: Desk, bookings: Bookings) -> None:
    """promise D7, rule B11: completed, paid, and one's own."""
    booked = bookings.hold()
    with pytest.raises(ServiceError, match="not_found"):
        tip(desk, booked, "5.00")
    pay(desk, booked)
    with pytest.raises(ServiceError, match="booking_not_completed"):
        tip(desk, booked, "5.00")
    complete(desk, booked)
    with pytest.raises(ServiceError, match="not_found"):
        tip(desk, booked, "5.00", caller=Caller(user_id=new_id()))


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_booking_that_was_refunded_in_full_takes_no_tip(
    is_sent: bool, done: Booked, desk: Desk, owner: Engine
) -> None:
    """promise D7: also while the money is only owed."""
    payment_id = str(payments_of(owner, done.id)[0]["id"])
    refund_part(desk, payment_id, Money(9999, "USD"), Money(0, "USD"), "nearly all")
    run_jobs(desk, owner)
    refund_part(desk, payment_id, Money(1, "USD"), Money(0, "USD"), "the rest")
    if is_sent:
        run_jobs(desk, owner)
    with pytest.raises(ServiceError) as refusal:
        tip(desk, done, "5.00")
    assert contract.tip_not_possible.matches(refusal.value)
    assert len(payments_of(owner, done.id)) == 1


def test_a_booking_that_was_refunded_in_part_takes_a_tip(done: Booked, desk: Desk, owner: Engine) -> None:
    payment_id = str(payments_of(owner, done.id)[0]["id"])
    refund_part(desk, payment_id, Money(9999, "USD"), Money(0, "USD"), "nearly all")
    assert tip(desk, done, "5.00")["status"] == "succeeded"


def test_a_tip_is_refunded_on_its_own(done: Booked, desk: Desk, owner: Engine) -> None:
    """promise D3, rule M9: in whole, without commission; the payment for the visit is not touched."""
    given = tip(desk, done, "5.00")
    shown = preview(desk, given["payment_id"], amount="5.00")
    assert (shown["tip_refund"]["amount"], shown["platform_bears"]["amount"]) == (500, 0)
    refund_payment(desk, command(shown, amount="5.00"), ADMINISTRATOR)
    run_jobs(desk, owner)
    inspected = inspect_payment(desk, given["payment_id"], ADMINISTRATOR)
    assert (inspected["state"], inspected["kind"]) == ("refunded", "tip")
    assert [one["state"] for one in payments_of(owner, done.id)] == ["captured", "refunded"]
    assert balances(owner, done.id)["stripe_clearing"] == 10000


def test_a_declined_tip_may_be_given_again(done: Booked, desk: Desk, owner: Engine) -> None:
    """promise D6, rule W9"""
    with pytest.raises(ServiceError, match="card_declined"):
        tip(desk, done, "5.00", payment_method="pm_card_chargeCustomerFail")
    assert tip(desk, done, "5.00")["status"] == "succeeded"


def test_an_unfinished_tip_is_taken_back(done: Booked, desk: Desk, owner: Engine) -> None:
    """rule W6: no booking ends that would; its own time does."""
    given = tip(desk, done, "5.00", payment_method=WITH_3DS)
    assert given["status"] == "requires_action"
    [waiting] = rows(owner, "SELECT run_at - created_at AS wait FROM job WHERE kind = 'abandon_tip'")
    assert 3500 < waiting["wait"].total_seconds() < 3700
    run_jobs(desk, owner)
    assert [one["state"] for one in payments_of(owner, done.id)] == ["captured", "cancelled"]
