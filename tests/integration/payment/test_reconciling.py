"""Webhooks that never come, clients that never ask: Stripe is asked, and the payment is settled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.refunds import RefundStatus
from services.payment.domain.webhook import REFUND_EVENTS, WebhookEvent
from services.payment.usecases.catch_up import ROUND_JOB, Rounds
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_expired
from services.payment.usecases.process_payment import process_payment
from shared.errors import ServiceError
from tests.integration.payment.bookings import Booked, Bookings, ended
from tests.integration.payment.crashes import NOON, forget_jobs, let_claims_lapse, reconcile
from tests.integration.payment.paying import CONFIRM, CREATE, REFUND, ask_for_3ds, pay
from tests.integration.payment.records import event_names, payments_of, rows, run_jobs
from tests.integration.payment.refunding import cancel
from tests.integration.payment.standin import StandIn


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Without patience: whatever is not settled is looked at in the next round."""
    return replace(desk, unsettled_seconds=0)


def state_of(owner: Engine, booked: Booked) -> str:
    return str(payments_of(owner, booked.id)[0]["state"])


def test_a_client_that_never_confirms_and_a_webhook_that_never_comes(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """promise D4, rule W13: 3-D Secure was passed and nobody told us."""
    booked, asked = ask_for_3ds(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    forget_jobs(owner)
    reconcile(desk, owner, events_are_listed=False)
    assert state_of(owner, booked) == "captured"
    assert rows(owner, "SELECT 1 FROM webhook_event") == []
    reconcile(desk, owner, events_are_listed=False)
    assert event_names(owner) == ["payment_action_required", "payment_succeeded"]
    assert standin.calls()[CREATE] == 1


def test_an_event_that_was_not_delivered_is_worked_like_a_webhook(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W13: listed by Stripe, stored and worked once."""
    booked, asked = ask_for_3ds(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    forget_jobs(owner)
    unsettled = replace(desk, unsettled_seconds=-2)
    for _ in range(2):
        reconcile(unsettled, owner)
    told = rows(owner, "SELECT type, outcome FROM webhook_event WHERE intent_id = :id", id=_intent(asked))
    assert told == [{"type": "payment_intent.succeeded", "outcome": "worked"}]
    assert state_of(owner, booked) == "captured"
    assert event_names(owner).count("payment_succeeded") == 1


def _intent(asked: dict[str, Any]) -> str:
    return str(asked["payment_intent_id"])


@pytest.mark.parametrize("fault", ["error", "cut"])
def test_a_confirmation_without_an_answer_gets_its_outcome(
    fault: str, desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W13: within a period after `payment_processing`, also when its own job was given up."""
    booked = bookings.hold()
    standin.order_fault(match=CONFIRM, do=fault)
    process_payment(desk, booked.request(), booked.customer)
    assert event_names(owner) == ["payment_processing"]
    forget_jobs(owner)
    reconcile(desk, owner, events_are_listed=False)
    assert state_of(owner, booked) == "captured"
    assert event_names(owner) == ["payment_processing", "payment_succeeded"]


def test_a_confirmation_that_never_left_is_sent_or_taken_back(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W13: `payment_processing` ends in an outcome also when nothing was done at Stripe."""
    booked = bookings.hold()
    impatient = replace(desk, seconds_left=lambda: 0.0)
    process_payment(impatient, booked.request(), booked.customer)
    rows(owner, "UPDATE payment SET state = 'processing', pay_before = app_now() RETURNING id")
    forget_jobs(owner)
    reconcile(desk, owner, events_are_listed=False)
    assert state_of(owner, booked) == "cancelled"
    assert event_names(owner) == ["payment_cancelled"]
    assert CONFIRM not in standin.calls()


def test_what_the_stand_in_forgot_is_lost_and_not_failed(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W13: an intent that is not there any more, because the stand-in was started anew."""
    booked, _ = ask_for_3ds(desk, bookings)
    rows(owner, "UPDATE payment SET intent_id = 'pi_of_an_earlier_life' RETURNING id")
    forget_jobs(owner)
    reconcile(desk, owner, events_are_listed=False)
    assert state_of(owner, booked) == "standin_lost"
    assert event_names(owner) == ["payment_action_required", "payment_cancelled"]


def test_a_payment_whose_booking_ended_is_taken_back_although_its_job_was_given_up(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W6: the intent never outlives the hold for long."""
    booked, asked = ask_for_3ds(desk, bookings)
    on_booking_expired(desk, ended(booked, "expired"))
    forget_jobs(owner)
    reconcile(desk, owner, events_are_listed=False)
    assert state_of(owner, booked) == "cancelled"
    intent = next(one for one in standin.intents() if one["id"] == asked["payment_intent_id"])
    assert intent["status"] == "canceled"


def test_money_that_came_after_the_hold_is_reported_although_no_webhook_came(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rules W5 and W6: booking decides; the intent is not cancelled over paid money."""
    booked, asked = ask_for_3ds(desk, bookings)
    on_booking_expired(desk, ended(booked, "expired"))
    forget_jobs(owner)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    reconcile(desk, owner, events_are_listed=False)
    assert state_of(owner, booked) == "captured"
    assert event_names(owner) == ["payment_action_required", "payment_succeeded"]


def test_a_payment_that_can_not_be_asked_about_waits_for_the_next_round(
    desk: Desk, gateway: StripeGateway, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W13: no round fails because of one payment, or because events can't be listed."""
    first, asked = ask_for_3ds(desk, bookings)
    second, also_asked = ask_for_3ds(desk, bookings)
    for one in (asked, also_asked):
        standin.authenticate(one["payment_intent_id"], one["client_secret"])
    forget_jobs(owner)
    rows(owner, "UPDATE payment_op SET claimed_until = NULL RETURNING id")
    standin.order_fault(match="GET /v1/payment_intents/{id}", do="error")
    reconcile(desk, owner, events_are_listed=False)
    assert sorted([state_of(owner, first), state_of(owner, second)]) == ["action_required", "captured"]
    assert rows(owner, "SELECT 1 FROM job WHERE kind = 'look_again' AND state <> 'done'") == []
    reconcile(desk, owner, events_are_listed=False)
    assert {state_of(owner, first), state_of(owner, second)} == {"captured"}


def test_a_round_goes_on_when_events_can_not_be_listed(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    booked, asked = ask_for_3ds(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    forget_jobs(owner)
    standin.order_fault(match="GET /v1/events", do="error")
    reconcile(desk, owner)
    assert state_of(owner, booked) == "captured"


def test_rounds_begin_on_start_and_once_a_period_over_all_processes(desk: Desk, owner: Engine) -> None:
    """rule W13: each process begins one when it starts; after that they share."""
    moment = [NOON]
    processes = [Rounds(desk, 300, lambda: moment[0]) for _ in range(3)]
    for seconds in (0, 1, 299, 300, 301, 600):
        moment[0] = NOON + timedelta(seconds=seconds)
        for process in processes:
            process.begin_when_due()
    keys = [row["key"] for row in rows(owner, "SELECT key FROM job WHERE kind = :kind", kind=ROUND_JOB)]
    assert len([key for key in keys if key.startswith("start:")]) == 3
    assert len(keys) == 5


def test_nothing_is_begun_when_payments_are_off(desk: Desk, owner: Engine) -> None:
    Rounds(replace(desk, provider=None), 300, lambda: NOON).begin_when_due()
    assert rows(owner, "SELECT 1 FROM job") == []


def test_what_is_settled_is_left_alone(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    booked = bookings.hold()
    process_payment(desk, booked.request(), booked.customer)
    run_jobs(desk, owner)
    before = rows(owner, "SELECT version FROM payment")
    reconcile(desk, owner, events_are_listed=False)
    assert rows(owner, "SELECT version FROM payment") == before
    assert rows(owner, "SELECT 1 FROM job WHERE kind = 'look_again'") == []


def test_a_refund_whose_answer_never_came_is_found(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W13: sent, its process died, its job was given up: Stripe has it."""
    booked = bookings.hold()
    pay(desk, booked)
    cancel(desk, booked, 75, 7500)
    run_jobs(desk, owner)
    sent = standin.calls()[REFUND]
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE refund SET status = 'claimed', provider_refund_id = NULL"))
        connection.execute(
            text(
                "UPDATE payment SET refunded_amount = 0, refunded_service_amount = 0, "
                "commission_returned_amount = 0, state = 'captured'"
            )
        )
    forget_jobs(owner)
    reconcile(desk, owner, events_are_listed=False)
    assert rows(owner, "SELECT status FROM refund") == [{"status": "succeeded"}]
    assert payments_of(owner, booked.id)[0]["refunded_amount"] == 7500
    assert standin.calls()[REFUND] == sent == 1


def test_the_news_of_refunds_is_asked_for_too(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rules M12 and W13: a refund can fail long after it succeeded, and that webhook be lost."""
    booked = bookings.hold()
    paid = pay(desk, booked)
    cancel(desk, booked, 75, 7500)
    run_jobs(desk, owner)
    lost = WebhookEvent(
        "evt_1", "refund.failed", "re_1", paid["payment_intent_id"], None, False, None, datetime.now(UTC)
    )
    gateway: Any = desk.provider
    asked_for: list[dict[str, Any]] = []
    call = gateway.call

    def listen(operation: str, params: dict[str, Any], send: Any) -> Any:
        asked_for.append({"operation": operation, **params})
        return call(operation, params, send)

    gateway.call = listen
    gateway.undelivered_events(datetime.now(UTC) - timedelta(days=1), datetime.now(UTC))
    types = next(one["types"] for one in asked_for if one["operation"] == "list_events")
    assert set(types) >= REFUND_EVENTS
    assert len(types) <= 20
    gateway.undelivered_events = lambda since, until: [lost]
    seen = gateway.refunds.refunds_of(paid["payment_intent_id"])
    gateway.refunds.refunds_of = lambda *_: [replace(one, status=RefundStatus.FAILED) for one in seen]
    reconcile(desk, owner)
    assert rows(owner, "SELECT status FROM refund") == [{"status": "failed"}]


def test_a_refused_card_waits_for_its_customer(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """A round asks nothing of Stripe but to look."""
    booked = bookings.hold()
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(desk, booked.request("pm_card_chargeCustomerFail"), booked.customer)
    let_claims_lapse(owner)
    calls = standin.calls()
    reconcile(desk, owner, events_are_listed=False)
    assert standin.calls() == calls
    assert state_of(owner, booked) == "failed_retryable"
