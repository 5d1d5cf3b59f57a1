"""Money that is held until after the visit: taken, taken in part, or released; never left to lapse."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.observation import IntentStatus
from services.payment.store import payments
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_completed
from services.payment.usecases.operations import look
from services.payment.usecases.read_payments import confirm_payment, get_payment
from services.payment.usecases.reconcile_books import compare_all
from services.payment.usecases.refunds_due import refund_part
from services.payment.usecases.settle_refunds import look_at_refunds
from shared.contracts.payment_forms import CANCELLED_VISIT
from shared.errors import ServiceError
from shared.money import Money
from shared.telemetry import metrics
from tests.integration.payment.bookings import NEAR, Booked, Bookings, ended
from tests.integration.payment.crashes import let_claims_lapse, reconcile
from tests.integration.payment.paying import ask_for_3ds, pay
from tests.integration.payment.records import event_names, events, payments_of, rows, run_jobs
from tests.integration.payment.refunding import balances, cancel, operations_of, refunds_of
from tests.integration.payment.scripted_provider import ScriptedProvider
from tests.integration.payment.standin import StandIn

CAPTURE, CANCEL = "POST /v1/payment_intents/{id}/capture", "POST /v1/payment_intents/{id}/cancel"
WEEK = timedelta(days=7)


@pytest.fixture
def held(desk: Desk, bookings: Bookings) -> Booked:
    """105.00 with a tip of 5.00 for a visit in three days."""
    booked = bookings.hold(ahead=NEAR)
    answer = pay(desk, booked, "5.00")
    assert (answer["status"], answer["captured"]) == ("succeeded", False)
    return booked


def _row(owner: Engine, booked: Booked) -> dict[str, Any]:
    [row] = payments_of(owner, booked.id)
    return row


def _seen(desk: Desk, owner: Engine, booked: Booked) -> dict[str, Any]:
    return get_payment(desk, str(_row(owner, booked)["id"]), booked.customer)


def _differences(desk: Desk) -> list[str]:
    compared = compare_all(desk.transaction, desk.providers, datetime.now(UTC) - timedelta(days=1))
    return [one.name for each in compared for one in each.differences]


def test_a_visit_soon_is_held_and_one_later_is_charged(
    desk: Desk, bookings: Bookings, held: Booked, owner: Engine, standin: StandIn
) -> None:
    """rule M15: the customer is told that nothing was taken so far, and until when it can be; no entry."""
    pay(desk, bookings.hold())
    assert [one["status"] for one in standin.intents()] == ["requires_capture", "succeeded"]
    row, seen = _row(owner, held), _seen(desk, owner, held)
    assert (row["state"], row["captured_amount"]) == ("authorized", 0)
    assert (seen["captured_amount"]["amount"], seen["released_amount"]["amount"]) == (0, 0)
    assert seen["held_until"] == row["capture_before"] == row["created_at"] + WEEK
    [secured, charged] = events(owner)
    assert [one["data"]["captured"] for one in (secured, charged)] == [False, True]
    assert {one["type"] for one in (secured, charged)} == {"payment_succeeded"}
    assert balances(owner, held.id) == {}
    assert _differences(desk) == []


@pytest.mark.parametrize(("grace", "is_said"), [(timedelta(days=5), True), (timedelta(days=1), False)])
def test_booking_alone_knows_when_a_visit_counts_as_done(
    desk: Desk, bookings: Bookings, owner: Engine, grace: timedelta, is_said: bool
) -> None:
    """rule M15: with a longer grace than a hold lasts, or none said, even a near visit is charged at once."""
    bookings.grace, bookings.says_by_when = grace, is_said
    booked = bookings.hold(ahead=NEAR)
    assert pay(desk, booked)["captured"] is True
    row = _row(owner, booked)
    assert row["capture_method"] == "automatic"
    assert (row["visit_done_by"] is not None) == is_said


def test_what_was_held_is_taken_when_the_visit_took_place(
    desk: Desk, held: Booked, owner: Engine, standin: StandIn
) -> None:
    """promise D3, rule M15: all of it, once, however often it is told; then it stands in the ledger."""
    completed = ended(held, "completed")
    for _ in range(2):
        on_booking_completed(desk, completed)
        run_jobs(desk, owner)
    assert standin.calls()[CAPTURE] == 1
    row, seen = _row(owner, held), _seen(desk, owner, held)
    assert (row["state"], row["captured_amount"], row["capture_cause"]) == ("captured", 10500, "completed")
    assert (seen["captured"], seen["held_until"]) == (True, None)
    [request] = operations_of(owner, "capture")
    assert request["params"]["application_fee_amount"] == 1000
    assert balances(owner, held.id) == {
        "stripe_clearing": 10500,
        "customer_funds": 0,
        "platform_commission": -1000,
        "provider_payable": -9500,
    }
    told = events(owner)[-1]
    assert (told["type"], told["data"]["captured_amount"]["amount"]) == ("payment_captured", 10500)
    assert _differences(desk) == []


def test_a_late_cancellation_takes_what_does_not_go_back(
    desk: Desk, held: Booked, owner: Engine, standin: StandIn
) -> None:
    """promise D3, rules M7 and M9: 75 % and the tip are released, with no refund; commission of the rest."""
    cancel(desk, held, 75, 7500, 500)
    run_jobs(desk, owner)
    row, seen = _row(owner, held), _seen(desk, owner, held)
    assert (row["state"], row["captured_amount"], row["capture_cause"]) == ("captured", 2500, "cancelled")
    assert (seen["captured_amount"]["amount"], seen["released_amount"]["amount"]) == (2500, 8000)
    assert balances(owner, held.id) == {
        "stripe_clearing": 2500,
        "customer_funds": 0,
        "platform_commission": -250,
        "provider_payable": -2250,
    }
    [request] = operations_of(owner, "capture")
    params = request["params"]
    assert (params["amount_to_capture"], params["application_fee_amount"]) == (2500, 250)
    assert refunds_of(owner, str(row["id"])) == []
    assert event_names(owner) == ["payment_succeeded", "payment_captured"]
    assert events(owner)[-1]["data"]["cause"] == CANCELLED_VISIT
    run_jobs(desk, owner)
    assert standin.calls() == {**standin.calls(), CAPTURE: 1}


def test_the_phantom_refund_of_a_part_is_nobody_s(desk: Desk, held: Booked, owner: Engine) -> None:
    """rule M22: the stand-in makes one; it is no refund of ours, no difference, and changes nothing."""
    cancel(desk, held, 50, 5000, 500)
    run_jobs(desk, owner)
    with desk.transaction() as connection:
        payment = payments.by_id(connection, str(_row(owner, held)["id"]))
    assert look_at_refunds(desk, payment) == []
    confirm_payment(desk, payment.intent_id or "", held.customer)
    assert _row(owner, held)["state"] == "captured"
    assert _differences(desk) == []


def test_of_what_was_taken_in_part_no_more_goes_back(desk: Desk, held: Booked, owner: Engine) -> None:
    """rules M9 and M11: 25.00 was taken with 2.50 of commission, and both go back in full, once."""
    cancel(desk, held, 75, 7500, 500)
    run_jobs(desk, owner)
    payment_id = str(_row(owner, held)["id"])
    with pytest.raises(ServiceError, match="refund_exceeds_payment") as refused:
        refund_part(desk, payment_id, Money(2501, "USD"), Money(0, "USD"), "too much")
    assert refused.value.details["refundable"]["amount"] == 2500
    for number, part in enumerate((1000, 1500)):
        refund_part(desk, payment_id, Money(part, "USD"), Money(0, "USD"), f"part {number}")
    run_jobs(desk, owner)
    assert [one["commission_returned"] for one in refunds_of(owner, payment_id)] == [100, 150]
    assert _row(owner, held)["state"] == "refunded"
    assert set(balances(owner, held.id).values()) == {0}
    assert _differences(desk) == []


@pytest.mark.parametrize(("percent", "service"), [(100, 10000), (100, 0), (99, 9960)])
def test_nothing_is_taken_when_everything_goes_back(
    percent: int, service: int, desk: Desk, held: Booked, owner: Engine, standin: StandIn
) -> None:
    """promise D3, rule M18: released, not charged and refunded; also what would be too little to charge."""
    cancel(desk, held, percent, service, 500)
    run_jobs(desk, owner)
    row, seen = _row(owner, held), _seen(desk, owner, held)
    assert (row["state"], row["captured_amount"]) == ("cancelled", 0)
    assert (seen["status"], seen["released_amount"]["amount"]) == ("cancelled", 10500)
    assert CAPTURE not in standin.calls()
    [request] = operations_of(owner, "cancel")
    assert request["params"]["cancellation_reason"] == "requested_by_customer"
    assert event_names(owner) == ["payment_succeeded", "payment_cancelled"]
    assert balances(owner, held.id) == {}
    assert _differences(desk) == []


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_a_hold_of_a_booking_that_ended_meanwhile_is_released(
    cancelled_first: bool, desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rules W5 and W6: 3-D Secure was slower than the cancellation, whichever we hear of first."""
    booked, asked = ask_for_3ds(desk, bookings, ahead=NEAR)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    if cancelled_first:
        cancel(desk, booked, 100, 0)
        run_jobs(desk, owner)
    else:
        confirm_payment(desk, asked["payment_intent_id"], booked.customer)
        cancel(desk, booked, 100, 0)
    run_jobs(desk, owner)
    assert _row(owner, booked)["state"] == "cancelled"
    assert [one["status"] for one in standin.intents()] == ["canceled"]


def test_a_hold_that_nobody_decides_about_is_taken_before_it_lapses(
    desk: Desk, held: Booked, owner: Engine, standin: StandIn
) -> None:
    """rule M15: a day before, not sooner; a cancellation after that gives back like any other."""
    desk = replace(desk, unsettled_seconds=0)
    reconcile(desk, owner, events_are_listed=False)
    assert _row(owner, held)["state"] == "authorized"
    rows(owner, "UPDATE payment SET capture_before = app_now() + interval '24 hours' RETURNING id")
    reconcile(desk, owner, events_are_listed=False)
    row = _row(owner, held)
    assert (row["state"], row["captured_amount"], row["capture_cause"]) == ("captured", 10500, "deadline")
    cancel(desk, held, 75, 7500, 500)
    run_jobs(desk, owner)
    row = _row(owner, held)
    assert (row["state"], row["refunded_amount"]) == ("partially_refunded", 8000)
    assert standin.calls()[CAPTURE] == 1
    assert _differences(desk) == []


def test_a_card_that_lets_go_too_soon_is_charged_at_once(
    desk: Desk, bookings: Bookings, owner: Engine, gateway: StripeGateway
) -> None:
    """rule M15: its bank's word counts, which is known only then; the money is secured either way."""
    provider = ScriptedProvider(gateway)
    desk = replace(desk, provider=provider)
    booked = bookings.hold(ahead=NEAR)
    ends_at = booked.starts_at + timedelta(hours=1)
    provider.capture_before = ends_at + timedelta(hours=48) - timedelta(seconds=1)
    pay(desk, booked)
    run_jobs(desk, owner)
    row = _row(owner, booked)
    assert (row["capture_before"], row["capture_cause"]) == (provider.capture_before, "deadline")
    assert event_names(owner) == ["payment_succeeded", "payment_captured"]
    provider.capture_before = ends_at + timedelta(hours=48)
    other = bookings.hold(ahead=NEAR)
    other.starts_at = booked.starts_at
    pay(desk, other)
    run_jobs(desk, owner)
    assert _row(owner, other)["state"] == "authorized"


@pytest.mark.parametrize("fault", ["cut", "error"])
def test_a_capture_without_an_answer_is_made_once(
    fault: str, desk: Desk, held: Booked, owner: Engine, standin: StandIn
) -> None:
    """rule W7: under its key, after a look; also when its job was given up."""
    desk = replace(desk, unsettled_seconds=0)
    standin.order_fault(do=fault, match=CAPTURE, times=1)
    cancel(desk, held, 75, 7500, 500)
    run_jobs(desk, owner)
    assert _row(owner, held)["state"] == "authorized"
    rows(owner, "UPDATE job SET state = 'parked', reason = 'x' WHERE kind = 'settle_hold' RETURNING id")
    let_claims_lapse(owner)
    reconcile(desk, owner, events_are_listed=False)
    assert (_row(owner, held)["state"], _row(owner, held)["captured_amount"]) == ("captured", 2500)
    assert standin.calls()[CAPTURE] == 1
    assert _differences(desk) == []


@pytest.mark.parametrize("is_decided", [False, True])
def test_a_hold_that_ended_by_itself_is_named(
    is_decided: bool,
    desk: Desk,
    bookings: Bookings,
    owner: Engine,
    gateway: StripeGateway,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """rule M15: it must not happen; when Stripe let it go all the same, somebody is told, also when the visit
    has taken place and the capture comes too late."""
    provider = ScriptedProvider(gateway)
    desk = replace(desk, provider=provider)
    booked = bookings.hold(ahead=NEAR)
    pay(desk, booked)
    [intent_id] = provider.intents
    if is_decided:
        on_booking_completed(desk, ended(booked, "completed"))
    provider.move(intent_id, IntentStatus.CANCELED)
    assert _differences(desk) == ["state_differs"]
    with desk.transaction() as connection:
        payment = payments.by_id(connection, str(_row(owner, booked)["id"]))
    before = metrics.authorizations_lost._value.get()
    look(desk, payment)
    assert metrics.authorizations_lost._value.get() == before + 1
    assert _row(owner, booked)["state"] == "cancelled"
    assert "hold_lost" in caplog.messages


def test_what_stripe_keeps_is_posted_once_in_its_currency(
    desk: Desk, bookings: Bookings, owner: Engine, gateway: StripeGateway
) -> None:
    """promise D10: told with the charge or later; the platform bears it, not the provider."""
    provider = ScriptedProvider(gateway)
    provider.fee_currency = "EUR"
    desk = replace(desk, provider=provider)
    booked = bookings.hold(ahead=NEAR)
    pay(desk, booked, "5.00")
    on_booking_completed(desk, ended(booked, "completed"))
    run_jobs(desk, owner)
    confirm_payment(desk, str(_row(owner, booked)["intent_id"]), booked.customer)
    entries = rows(
        owner,
        "SELECT split_part(account, ':', 1) AS account, amount, currency, reference FROM ledger_entry e "
        "JOIN ledger_transaction t ON t.id = e.transaction_id WHERE t.kind = 'stripe_fee' ORDER BY amount",
    )
    reference = f"txn_{_row(owner, booked)['intent_id']}"
    assert [tuple(one.values()) for one in entries] == [
        ("stripe_clearing", -315, "EUR", reference),
        ("stripe_fees", 315, "EUR", reference),
    ]
    assert _differences(desk) == []
    rows(owner, "UPDATE payment SET stripe_fee_amount = stripe_fee_amount + 1 RETURNING id")
    assert set(_differences(desk)) == {"ledger_entry_differs", "stripe_fee_differs"}
