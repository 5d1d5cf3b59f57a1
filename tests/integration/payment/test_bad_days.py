"""Crashes, time-outs and failures of Stripe: the payment is found again and charged once."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import Engine, text

from services.payment.clients.payment_provider import Reply
from services.payment.clients.stripe_gateway import StripeGateway, stripe_client
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.settings import Mode, PaymentSettings
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import confirm_payment
from shared.errors import ServiceError, unavailable
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.crashes import ProcessDied, die, let_claims_lapse
from tests.integration.payment.paying import CONFIRM, CREATE, WITH_3DS, ask_for_3ds
from tests.integration.payment.records import event_names, jobs, payments_of, rows, run_jobs
from tests.integration.payment.standin import StandIn


def charged(standin: StandIn, booking_id: str) -> list[str]:
    return [one["status"] for one in standin.intents() if one["metadata"]["booking_id"] == booking_id]


@pytest.mark.parametrize("dies_at", ["send", "usable_payment_method"])
@pytest.mark.parametrize("comes_back_by", ["job", "repeat"])
def test_a_crash_before_the_call(
    dies_at: str,
    comes_back_by: str,
    desk: Desk,
    gateway: StripeGateway,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """rule W7: after the commit a job or the repeat goes on; before it nothing happened at all."""
    booked = bookings.hold()
    request = booked.request()
    with monkeypatch.context() as patch:
        patch.setattr(gateway, dies_at, die)
        with pytest.raises(ProcessDied):
            process_payment(desk, request, booked.customer)
    is_written = dies_at == "send"
    assert [one["state"] for one in payments_of(owner, booked.id)] == (["created"] if is_written else [])
    if is_written:
        with pytest.raises(ServiceError, match="request_in_progress"):
            process_payment(desk, request, booked.customer)
    let_claims_lapse(owner)
    if comes_back_by == "job" and is_written:
        run_jobs(desk, owner)
    answer = process_payment(desk, request, booked.customer)
    assert answer["status"] == "succeeded"
    assert charged(standin, booked.id) == ["succeeded"]
    assert standin.calls() == {CREATE: 1, CONFIRM: 1}
    assert event_names(owner) == ["payment_succeeded"]


def test_a_crash_after_the_call(
    desk: Desk,
    gateway: StripeGateway,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """rule W7: the repeat carries the same key, so it is the same charge."""
    booked = bookings.hold()
    request = booked.request()
    send = gateway.send

    def send_and_die(*arguments: Any) -> None:
        send(*arguments)
        raise ProcessDied

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "send", send_and_die)
        with pytest.raises(ProcessDied):
            process_payment(desk, request, booked.customer)
        let_claims_lapse(owner)
        with pytest.raises(ProcessDied):
            process_payment(desk, request, booked.customer)
    let_claims_lapse(owner)
    run_jobs(desk, owner)
    assert charged(standin, booked.id) == ["succeeded"]
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["captured"]
    keys = rows(owner, "SELECT op, attempt FROM payment_op ORDER BY id")
    assert keys == [{"op": "create", "attempt": 1}, {"op": "confirm", "attempt": 1}]


@pytest.mark.parametrize("fault", [{"do": "error"}, {"do": "cut"}])
def test_no_answer_to_the_confirmation_is_processing_until_it_is_looked_at(
    fault: dict[str, Any], desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """promise D1, rule W7: 'processing' at first; the job finds that it was paid."""
    booked = bookings.hold()
    standin.order_fault(match=CONFIRM, **fault)
    request = booked.request()
    assert process_payment(desk, request, booked.customer)["status"] == "processing"
    assert event_names(owner) == ["payment_processing"]
    assert rows(owner, "SELECT state FROM payment_op WHERE op = 'confirm'") == [{"state": "unknown"}]
    run_jobs(desk, owner)
    assert event_names(owner) == ["payment_processing", "payment_succeeded"]
    assert process_payment(desk, request, booked.customer)["status"] == "succeeded"
    assert standin.calls()[CONFIRM] == 1


@pytest.mark.parametrize("fault", [{"do": "error"}, {"do": "cut"}])
def test_no_answer_to_the_confirmation_of_a_card_that_asks_for_its_owner(
    fault: dict[str, Any], desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """promise D1: 'processing' was ours to say; what the bank wants is told as soon as Stripe is asked."""
    booked = bookings.hold()
    standin.order_fault(match=CONFIRM, **fault)
    request = booked.request(WITH_3DS)
    assert process_payment(desk, request, booked.customer)["status"] == "processing"
    asked = process_payment(desk, request, booked.customer)
    assert asked["status"] == "requires_action"
    assert asked["next_action"]["type"] == "use_stripe_sdk"
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    assert confirm_payment(desk, asked["payment_intent_id"], booked.customer)["status"] == "succeeded"
    assert event_names(owner) == ["payment_processing", "payment_action_required", "payment_succeeded"]


def test_a_slot_is_not_kept_for_an_owner_who_does_not_come(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W6: 'processing' keeps the slot; when its time is over and nothing is paid, it is let go."""
    booked = bookings.hold()
    standin.order_fault(match=CONFIRM, do="cut")
    request = booked.request("pm_card_threeDSecure2Required")
    assert process_payment(desk, request, booked.customer)["status"] == "processing"
    with owner.begin() as connection:
        connection.execute(text("UPDATE payment SET pay_before = app_now()"))
    run_jobs(desk, owner)
    assert charged(standin, booked.id) == ["canceled"]
    assert event_names(owner)[-1] == "payment_cancelled"


@pytest.mark.parametrize("fault", [{"do": "error"}, {"do": "cut"}])
def test_no_answer_to_the_creation_makes_no_second_intent(
    fault: dict[str, Any], desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W7: the key again where there was no answer; a search where the answer was a failure."""
    booked = bookings.hold()
    standin.order_fault(match=CREATE, **fault)
    request = booked.request()
    answer = process_payment(desk, request, booked.customer)
    assert (answer["status"], answer["payment_intent_id"]) == ("processing", None)
    assert event_names(owner) == []
    run_jobs(desk, owner)
    assert process_payment(desk, request, booked.customer)["status"] == "succeeded"
    assert charged(standin, booked.id) == ["succeeded"]


class Refusing(stripe.RequestsClient):
    """Stripe's library as it is when Stripe answers with this status instead of doing anything."""

    def __init__(self, status: int, url_end: str = "") -> None:
        super().__init__()
        self.status: int | None = status
        self._url_end = url_end

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        if self.status is None or method == "get" or not url.endswith(self._url_end):
            return super().request(method, url, headers, post_data, **more)
        body = '{"error": {"type": "api_error", "message": "ordered by a test"}}'
        return body, self.status, {"request-id": "req_1"}


@pytest.mark.parametrize("status", [429, 401, 403])
def test_what_stripe_refused_before_doing_anything_is_sent_again(
    status: int, desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn, settings: PaymentSettings
) -> None:
    """rule W7: the customer is told 'processing', and the job sends the same request again."""
    client = Refusing(status)
    unlucky = _desk_with(desk, settings, client)
    booked = bookings.hold()
    assert process_payment(unlucky, booked.request(), booked.customer)["status"] == "processing"
    assert rows(owner, "SELECT state, request_id FROM payment_op") == [
        {"state": "pending", "request_id": "req_1"}
    ]
    client.status = None
    run_jobs(unlucky, owner)
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["captured"]


def test_a_creation_that_failed_inside_stripe_has_a_new_key_once_nothing_was_found(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn, settings: PaymentSettings
) -> None:
    client = Refusing(500)
    unlucky = _desk_with(desk, settings, client)
    booked = bookings.hold()
    request = booked.request()
    assert process_payment(unlucky, request, booked.customer)["status"] == "processing"
    client.status = None
    assert process_payment(unlucky, request, booked.customer)["status"] == "succeeded"
    attempts = rows(owner, "SELECT attempt, state FROM payment_op WHERE op = 'create' ORDER BY attempt")
    assert attempts == [{"attempt": 1, "state": "failed"}, {"attempt": 2, "state": "ok"}]
    assert charged(standin, booked.id) == ["succeeded"]


def test_a_confirmation_that_failed_inside_stripe_has_a_new_key_while_the_intent_waits(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn, settings: PaymentSettings
) -> None:
    """Under the old key the failure would be answered for ever; an intent can be paid only once."""
    client = Refusing(500, "/confirm")
    unlucky = _desk_with(desk, settings, client)
    booked = bookings.hold()
    assert process_payment(unlucky, booked.request(), booked.customer)["status"] == "processing"
    client.status = None
    run_jobs(unlucky, owner)
    attempts = rows(owner, "SELECT attempt, state FROM payment_op WHERE op = 'confirm' ORDER BY attempt")
    assert attempts == [{"attempt": 1, "state": "unknown"}, {"attempt": 2, "state": "ok"}]
    assert event_names(owner) == ["payment_processing", "payment_succeeded"]


def _desk_with(desk: Desk, settings: PaymentSettings, client: stripe.HTTPClient) -> Desk:
    gateway = StripeGateway(stripe_client(settings, client), Mode.STAND_IN, nullcontext)
    return replace(desk, provider=gateway)


class Places:
    """How many calls may begin before there is no place for another."""

    def __init__(self, free: int) -> None:
        self.free = free

    def __call__(self) -> Any:
        self.free -= 1
        if self.free < 0:
            raise unavailable(retry_after=1)
        return nullcontext()


def test_without_a_place_for_a_call_nothing_is_written(
    desk: Desk,
    gateway: StripeGateway,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    booked = bookings.hold()
    monkeypatch.setattr(gateway, "_internet", Places(0))
    with pytest.raises(ServiceError, match="unavailable"):
        process_payment(desk, booked.request(), booked.customer)
    assert payments_of(owner, booked.id) == []
    assert (bookings.asked, standin.calls()) == (0, {})


@pytest.mark.parametrize("free", [1, 2])
def test_when_the_places_are_taken_meanwhile_the_job_goes_on(
    free: int,
    desk: Desk,
    gateway: StripeGateway,
    bookings: Bookings,
    owner: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    booked = bookings.hold()
    with monkeypatch.context() as patch:
        patch.setattr(gateway, "_internet", Places(free))
        assert process_payment(desk, booked.request(), booked.customer)["status"] == "processing"
    run_jobs(desk, owner)
    assert event_names(owner) == ["payment_succeeded"]


def test_a_customer_who_waits_no_longer_is_confirmed_by_the_job(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    booked = bookings.hold()
    impatient = replace(desk, seconds_left=lambda: 1.0)
    assert process_payment(impatient, booked.request(), booked.customer)["status"] == "processing"
    assert standin.calls() == {CREATE: 1}
    run_jobs(desk, owner)
    assert event_names(owner) == ["payment_succeeded"]


def test_nothing_is_charged_after_the_hold(
    desk: Desk,
    gateway: StripeGateway,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """rule W10: a payment that comes back late ends, with an intent or without one."""
    late, later = bookings.hold(), bookings.hold()
    later.hold = late.hold = timedelta(seconds=0)
    with pytest.raises(ServiceError, match="hold_expired"):
        process_payment(desk, late.request(), late.customer)
    assert standin.calls() == {}
    later.hold = timedelta(minutes=15)
    send = gateway.send

    def make_and_die(request: ProviderRequest, key: str) -> Reply:
        if request.operation is OperationKind.CONFIRM:
            die()
        return send(request, key)

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "send", make_and_die)
        with pytest.raises(ProcessDied):
            process_payment(desk, later.request(), later.customer)
    let_claims_lapse(owner)
    with owner.begin() as connection:
        connection.execute(text("UPDATE payment SET pay_before = app_now() WHERE state = 'ready'"))
    run_jobs(desk, owner)
    assert charged(standin, later.id) == ["canceled"]
    assert event_names(owner) == ["payment_failed", "payment_cancelled"]


def test_an_intent_of_another_amount_is_not_believed(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule M5: what Stripe says is held against the quote."""
    booked, asked = ask_for_3ds(desk, bookings)
    with owner.begin() as connection:
        connection.execute(text("UPDATE payment SET service_amount = service_amount - 1"))
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    with pytest.raises(ServiceError, match="currency_mismatch"):
        confirm_payment(desk, asked["payment_intent_id"], booked.customer)
    assert payments_of(owner, booked.id)[0]["state"] == "action_required"
    assert event_names(owner) == ["payment_action_required"]


def test_a_stand_in_that_forgot_is_no_failed_payment(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    booked, asked = ask_for_3ds(desk, bookings)
    with owner.begin() as connection:
        connection.execute(text("UPDATE payment SET intent_id = 'pi_forgotten'"))
    with pytest.raises(ServiceError, match="payment_taken_back"):
        confirm_payment(desk, "pi_forgotten", booked.customer)
    assert payments_of(owner, booked.id)[0]["state"] == "standin_lost"
    assert asked["status"] == "requires_action"
    assert jobs(owner) == {}
