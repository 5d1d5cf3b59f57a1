"""A plain card is charged once, divided right, and told; whatever is wrong is refused before Stripe hears."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import confirm_payment, get_payment
from shared.contracts.booking import booking_state_conflict
from shared.contracts.declaration import Caller, write
from shared.contracts.payment import PROCESS_PAYMENT
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.paying import CONFIRM, CREATE, WITH_3DS, ask_for_3ds, pay
from tests.integration.payment.records import event_names, events, jobs, payments_of, rows, run_jobs
from tests.integration.payment.refunding import cancel
from tests.integration.payment.standin import StandIn


def test_a_plain_card_pays_service_and_tip(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """promise D2, rules M7 and M8: 100.00 and a tip of 5.00; commission on the service alone."""
    booked = bookings.hold(10000)
    answer = process_payment(desk, booked.request(tip=Decimal("5.00")), booked.customer)
    wire = write(PROCESS_PAYMENT.answer, answer)
    assert wire["status"] == "succeeded"
    assert wire["amount"] == {"amount": 10500, "currency": "USD"}
    assert wire["platform_commission"]["amount"] == 1000
    assert wire["provider_amount"]["amount"] == 9500
    assert wire["simulated"] is True
    assert wire["client_secret"] is None
    assert standin.calls() == {CREATE: 1, CONFIRM: 1}
    charged = [one for one in standin.intents() if one["id"] == wire["payment_intent_id"]]
    assert [(one["amount"], one["status"]) for one in charged] == [(10500, "succeeded")]
    assert event_names(owner) == ["payment_succeeded"]
    event = events(owner)[0]["data"]
    assert (event["captured"], event["tip_amount"]["amount"]) == (True, 500)
    stored = payments_of(owner, booked.id)[0]
    assert stored["captured_amount"] == 10500
    assert "transfer_data" in stored["params_not_simulated"]
    assert "application_fee_amount" in stored["params_not_simulated"]


def test_the_request_to_stripe_is_stored_as_it_was_meant(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """rule W7: written before it is sent, with its key, although the stand-in can't split."""
    booked = bookings.hold(10000)
    process_payment(desk, booked.request(tip=Decimal("5")), booked.customer)
    create, confirm = rows(owner, "SELECT * FROM payment_op ORDER BY id")
    assert create["idem_key"] == f"create:{create['id']}:1"
    assert confirm["idem_key"] == f"confirm:{confirm['id']}:1"
    assert create["params"]["application_fee_amount"] == 1000
    assert create["params"]["transfer_data"] == {"destination": f"acct_standin_{bookings.provider_id}"}
    assert {create["state"], confirm["state"]} == {"ok"}


def test_the_same_request_again_charges_nothing(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule C13 for payments: the second answer is the first, and no call leaves."""
    booked = bookings.hold()
    request = booked.request(tip=Decimal("5.00"))
    first = process_payment(desk, request, booked.customer)
    again = process_payment(desk, request | {"tip": Decimal("5.0")}, booked.customer)
    assert again == first
    assert standin.calls() == {CREATE: 1, CONFIRM: 1}
    assert bookings.asked == 1
    assert event_names(owner) == ["payment_succeeded"]


def test_the_same_key_for_another_request_is_refused(
    desk: Desk, bookings: Bookings, standin: StandIn
) -> None:
    booked = bookings.hold()
    request = booked.request()
    process_payment(desk, request, booked.customer)
    with pytest.raises(ServiceError, match="idempotency_key_reused"):
        process_payment(desk, request | {"tip": Decimal(1)}, booked.customer)
    assert standin.calls() == {CREATE: 1, CONFIRM: 1}


@pytest.mark.parametrize("same_key", [True, False])
def test_paying_twice_at_once_charges_once(
    same_key: bool, desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W9: with the same key and with two keys, one payment wins and the other is refused or the same."""
    booked = bookings.hold()
    key = new_id()
    standin.order_fault(do="delay", match=CREATE, seconds=0.3)
    outcomes: list[str] = []

    def pay() -> None:
        try:
            answer = process_payment(desk, booked.request(key=key if same_key else ""), booked.customer)
            outcomes.append(answer["status"])
        except ServiceError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=pay) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("succeeded") == 1 or same_key  # a late repeat is told what the first was
    assert set(outcomes) <= {"succeeded", "request_in_progress", "already_paid"}
    assert standin.calls() == {CREATE: 1, CONFIRM: 1}
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["captured"]


def test_a_slower_twin_does_not_take_back_its_own_payment(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rules C13 and W9: the same key twice at once; the second hears from booking when the first is done."""
    booked = bookings.hold()
    request = booked.request(WITH_3DS)
    twins: list[dict[str, Any]] = []

    def ask(booking_id: str, caller: Caller) -> dict[str, Any]:
        prepared = bookings.prepare(booking_id, caller)
        twins.append(process_payment(desk, request, booked.customer))
        return prepared

    answer = process_payment(replace(desk, ask_booking=ask), request, booked.customer)
    assert (answer, answer["status"]) == (twins[0], "requires_action")
    assert standin.calls()[CREATE] == 1
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["action_required"]


def test_what_is_paid_is_not_paid_again(desk: Desk, bookings: Bookings, standin: StandIn) -> None:
    booked = bookings.hold()
    process_payment(desk, booked.request(), booked.customer)
    with pytest.raises(ServiceError, match="already_paid"):
        process_payment(desk, booked.request(), booked.customer)
    assert standin.calls() == {CREATE: 1, CONFIRM: 1}
    assert bookings.asked == 1


def test_a_declined_card_leaves_the_hold_and_another_card_pays(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W9: the refused intent is cancelled before the next one is made; at most one lives."""
    booked = bookings.hold()
    request = booked.request("pm_card_chargeCustomerFail")
    with pytest.raises(ServiceError) as refused:
        process_payment(desk, request, booked.customer)
    assert refused.value.code == "card_declined"
    assert refused.value.details["decline_reason"] == "declined"
    assert event_names(owner) == ["payment_failed"]
    before = standin.calls()
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(desk, request, booked.customer)
    assert standin.calls() == before
    assert process_payment(desk, booked.request(), booked.customer)["status"] == "succeeded"
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["cancelled", "captured"]
    assert event_names(owner) == ["payment_failed", "payment_cancelled", "payment_succeeded"]
    assert {row["status"] for row in standin.intents()} <= {"canceled", "succeeded"} | {
        row["status"] for row in standin.intents() if row["metadata"]["booking_id"] != booked.id
    }


def test_a_refused_request_leaves_the_payment_under_way_alone(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W9: only a request that would be carried out takes the place of another."""
    booked = bookings.hold()
    process_payment(desk, booked.request(WITH_3DS), booked.customer)
    with pytest.raises(ServiceError, match="amount_precision"):
        process_payment(desk, booked.request(tip=Decimal("0.001")), booked.customer)
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["action_required"]
    assert process_payment(desk, booked.request(), booked.customer)["status"] == "succeeded"
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["cancelled", "captured"]


def test_another_amount_is_another_request_with_a_key_of_its_own(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W8: after a refused card the customer gives another tip; Stripe never sees an old key again."""
    booked = bookings.hold()
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(desk, booked.request("pm_card_chargeCustomerFail", tip=Decimal(5)), booked.customer)
    process_payment(desk, booked.request(tip=Decimal(7)), booked.customer)
    made = rows(owner, "SELECT idem_key, params, params_hash FROM payment_op WHERE op = 'create' ORDER BY id")
    assert [one["params"]["amount"] for one in made] == [10500, 10700]
    assert len({one["idem_key"] for one in made}) == len({one["params_hash"] for one in made}) == 2


def test_what_was_paid_and_given_back_is_not_called_paid(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    """promise D7: booking says why it can't be paid any more."""
    booked = bookings.hold()
    pay(desk, booked)
    cancel(desk, booked, 100, 10000)
    run_jobs(desk, owner)
    bookings.refusal = booking_state_conflict()
    with pytest.raises(ServiceError, match="booking_state_conflict"):
        process_payment(desk, booked.request(), booked.customer)
    bookings.refusal = None
    with pytest.raises(ServiceError, match="already_paid"):
        process_payment(desk, booked.request(), booked.customer)


def test_a_payment_whose_place_another_took_says_so(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W9: its key, and a look at it, are answered: not 'paid', and not that the hold has ended."""
    booked = bookings.hold()
    first = booked.request(WITH_3DS)
    asked = process_payment(desk, first, booked.customer)
    process_payment(desk, booked.request(WITH_3DS), booked.customer)
    calls = standin.calls()
    with pytest.raises(ServiceError, match="payment_taken_back"):
        process_payment(desk, first, booked.customer)
    with pytest.raises(ServiceError, match="payment_taken_back"):
        confirm_payment(desk, asked["payment_intent_id"], booked.customer)
    assert standin.calls() == calls
    with owner.begin() as connection:
        connection.execute(text("UPDATE payment SET pay_before = app_now()"))
    with pytest.raises(ServiceError, match="payment_taken_back"):
        process_payment(desk, first, booked.customer)


def test_a_card_that_the_stand_in_lacks_is_made_there_once(
    desk: Desk, bookings: Bookings, standin: StandIn
) -> None:
    for _ in range(2):
        booked = bookings.hold()
        answer = process_payment(desk, booked.request("pm_card_mastercard"), booked.customer)
        assert answer["status"] == "succeeded"
    assert standin.calls()["POST /v1/payment_methods"] == 1


def test_a_payment_method_that_does_not_exist_is_refused(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    booked = bookings.hold()
    with pytest.raises(ServiceError, match="payment_method_invalid"):
        process_payment(desk, booked.request("pm_nobody"), booked.customer)
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["failed"]
    assert process_payment(desk, booked.request(), booked.customer)["status"] == "succeeded"


def test_strong_authentication_is_asked_and_looked_at_again(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """promise D1: process, authenticate, look again; the secret is fetched anew and stored nowhere."""
    booked = bookings.hold()
    request = booked.request(WITH_3DS)
    asked = process_payment(desk, request, booked.customer)
    assert asked["status"] == "requires_action"
    assert asked["next_action"]["type"] == "use_stripe_sdk"
    secret = asked["client_secret"]
    assert process_payment(desk, request, booked.customer)["client_secret"] == secret
    for table in ("payment", "payment_op", "outbox", "job"):
        assert not rows(owner, f"SELECT 1 FROM {table} t WHERE t::text LIKE :secret", secret=f"%{secret}%")
    standin.authenticate(asked["payment_intent_id"], secret)
    paid = confirm_payment(desk, asked["payment_intent_id"], booked.customer)
    assert paid["status"] == "succeeded"
    assert paid["client_secret"] is None
    assert event_names(owner) == ["payment_action_required", "payment_succeeded"]


REFUSED_TIPS: list[tuple[str, Any]] = [
    ("validation_failed", Decimal("-1")),
    ("amount_precision", Decimal("0.001")),
    ("tip_too_large", Decimal("100.01")),
    ("tip_too_large", Decimal("99999999")),
]


@pytest.mark.parametrize(("code", "tip"), REFUSED_TIPS)
def test_a_tip_that_makes_no_sense_is_refused_without_a_call(
    code: str, tip: Decimal, desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule M1: what a client writes is never rounded; the refusal names the field."""
    booked = bookings.hold()
    with pytest.raises(ServiceError, match=code) as refused:
        process_payment(desk, booked.request(tip=tip), booked.customer)
    assert list(refused.value.details["errors"]) == ["tip_amount"]
    assert standin.calls() == {}
    assert payments_of(owner, booked.id) == []


def test_the_largest_tip_is_the_price_or_what_is_set(desk: Desk, bookings: Bookings) -> None:
    """promise D7: 100.00 for a visit of 100.00 is taken; how much more is the operator's to say."""
    generous = bookings.hold()
    answer = process_payment(desk, generous.request(tip=Decimal(100)), generous.customer)
    assert answer["tip_amount"]["amount"] == 10000
    other = bookings.hold(5000, "JPY")
    strict = replace(desk, max_tip_percent=10)
    with pytest.raises(ServiceError) as refused:
        process_payment(strict, other.request(tip=Decimal(501)), other.customer)
    assert refused.value.details["maximum"] == {"amount": 500, "currency": "JPY"}


@pytest.mark.parametrize(("amount", "currency"), [(49, "USD"), (0, "USD"), (199, "SAR"), (49, "JPY")])
def test_a_charge_below_the_minimum_is_refused_without_a_call(
    amount: int, currency: str, desk: Desk, bookings: Bookings, standin: StandIn
) -> None:
    """rule M18: zero never calls Stripe either."""
    booked = bookings.hold(amount, currency)
    with pytest.raises(ServiceError, match="amount_below_minimum"):
        process_payment(desk, booked.request(), booked.customer)
    assert standin.calls() == {}


@pytest.mark.parametrize(
    ("amount", "currency", "charged", "commission"),
    [
        (5000, "JPY", 5000, 500),
        (12350, "KWD", 12350, 1240),
        (9999, "GBP", 9999, 1000),
        (70000, "UGX", 7000000, 7000),
    ],
)
def test_every_currency_is_charged_in_its_own_form(
    amount: int,
    currency: str,
    charged: int,
    commission: int,
    desk: Desk,
    bookings: Bookings,
    standin: StandIn,
) -> None:
    """rules M2, M3 and M6: exponents, the last digit 0 of three decimals, half up."""
    booked = bookings.hold(amount, currency)
    answer = process_payment(desk, booked.request(), booked.customer)
    intent = next(one for one in standin.intents() if one["id"] == answer["payment_intent_id"])
    assert (intent["amount"], intent["currency"]) == (charged, currency.lower())
    assert answer["platform_commission"] == {"amount": commission, "currency": currency}
    assert answer["provider_amount"]["amount"] == amount - commission


def test_a_tip_finer_than_what_can_be_charged_is_refused(
    desk: Desk, bookings: Bookings, standin: StandIn
) -> None:
    """rule M3: 0.001 KWD exists, but no card can be charged with it."""
    booked = bookings.hold(12350, "KWD")
    with pytest.raises(ServiceError, match="amount_precision"):
        process_payment(desk, booked.request(tip=Decimal("0.001")), booked.customer)
    assert standin.calls() == {}


def test_a_quote_in_two_currencies_is_refused(desk: Desk, bookings: Bookings, standin: StandIn) -> None:
    """rule M5: nothing is charged in another currency than quoted, or another sum than its lines."""
    booked = bookings.hold()
    booked.lines = [bookings.hold(10000, "EUR").price]
    with pytest.raises(ServiceError, match="currency_mismatch"):
        process_payment(desk, booked.request(), booked.customer)
    booked.lines = [booked.price, booked.price]
    with pytest.raises(ServiceError, match="currency_mismatch"):
        process_payment(desk, booked.request(), booked.customer)
    assert standin.calls() == {}


def test_a_provider_without_an_account_cannot_be_paid(
    desk: Desk, bookings: Bookings, standin: StandIn
) -> None:
    unknown = bookings.hold(provider_id=new_id())
    unwilling = bookings.hold(provider_id=new_id())
    bookings.publish_provider(desk, unwilling.provider_id, payable=True, version=1)
    bookings.publish_provider(desk, unwilling.provider_id, payable=False, version=3)
    bookings.publish_provider(desk, unwilling.provider_id, payable=True, version=2)
    for booked in (unknown, unwilling):
        with pytest.raises(ServiceError, match="provider_not_payable"):
            process_payment(desk, booked.request(), booked.customer)
    assert standin.calls() == {}


def test_the_commission_is_the_rule_of_the_quote(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    """rule M20: a rule that came after the quote does not touch it; the rule's id is kept."""
    rule_id = new_id()
    changed_at = datetime.now(UTC) - timedelta(hours=1)
    with owner.begin() as connection:
        connection.execute(
            text("INSERT INTO commission_rule (id, rate, valid_from, source) VALUES (:id, 0.2, :at, 'test')"),
            {"id": rule_id, "at": changed_at},
        )
    try:
        before, after = bookings.hold(), bookings.hold()
        before.quoted_at = changed_at - timedelta(microseconds=1)
        after.quoted_at = changed_at
        answers = [process_payment(desk, one.request(), one.customer) for one in (before, after)]
        assert [one["platform_commission"]["amount"] for one in answers] == [1000, 2000]
        assert payments_of(owner, after.id)[0]["commission_rule_id"].hex == rule_id.replace("-", "")
    finally:
        with owner.begin() as connection:
            connection.execute(text("TRUNCATE payment CASCADE"))
            connection.execute(text("DELETE FROM commission_rule WHERE id = :id"), {"id": rule_id})


def test_others_payments_do_not_exist(desk: Desk, bookings: Bookings, standin: StandIn) -> None:
    """rule B11: another customer's booking, payment and intent are not found, and no call leaves."""
    booked, stranger = bookings.hold(), Caller(user_id=new_id())
    with pytest.raises(ServiceError, match="not_found"):
        process_payment(desk, booked.request(), stranger)
    bookings.tells_everyone = True
    with pytest.raises(ServiceError, match="not_found"):
        process_payment(desk, booked.request(), stranger)
    assert standin.calls() == {}
    paid = process_payment(desk, booked.request(), booked.customer)
    with pytest.raises(ServiceError, match="not_found"):
        get_payment(desk, paid["payment_id"], stranger)
    admin = Caller(user_id=new_id(), roles=("admin",))
    for other in (stranger, admin):
        with pytest.raises(ServiceError, match="not_found"):
            confirm_payment(desk, paid["payment_intent_id"], other)
    assert get_payment(desk, paid["payment_id"], booked.customer)["status"] == "succeeded"
    assert get_payment(desk, paid["payment_id"], admin)["amount"] == paid["amount"]


def test_when_booking_refuses_nothing_is_written(
    desk: Desk, bookings: Bookings, standin: StandIn, owner: Engine
) -> None:
    """rule W15: first the slot, then the money."""
    booked = bookings.hold()
    bookings.refusal = ServiceError.from_wire({"code": "hold_expired", "category": "conflict"})
    with pytest.raises(ServiceError, match="hold_expired"):
        process_payment(desk, booked.request(), booked.customer)
    assert standin.calls() == {}
    assert payments_of(owner, booked.id) == []


def test_a_settled_payment_leaves_no_work(desk: Desk, bookings: Bookings, owner: Engine) -> None:
    booked = bookings.hold()
    process_payment(desk, booked.request(), booked.customer)
    assert jobs(owner) == {}


def test_a_job_that_settles_its_payment_ends_like_any(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    _, asked = ask_for_3ds(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    run_jobs(desk, owner)
    assert jobs(owner) == {"resume_payment": "done"}


def test_an_operator_finds_the_job_that_was_given_up(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    booked, asked = ask_for_3ds(desk, bookings)
    rows(owner, "UPDATE job SET state = 'parked' RETURNING id")
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    confirm_payment(desk, asked["payment_intent_id"], booked.customer)
    assert jobs(owner)["resume_payment"] == "parked"
