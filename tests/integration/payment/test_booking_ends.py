"""A booking that ends: what is unpaid is taken back, what was paid is owed, whatever comes first."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.clients.payment_provider import Reply
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_cancelled, on_booking_expired
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.read_payments import confirm_payment
from shared.errors import ServiceError
from tests.integration.payment.bookings import Bookings, due, ended
from tests.integration.payment.paying import ask_for_3ds
from tests.integration.payment.records import event_names, jobs, payments_of, rows, run_jobs
from tests.integration.payment.standin import StandIn


def test_an_expired_hold_takes_back_the_intent(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rules W6 and C16: the intent does not outlive the hold; the event twice is one job."""
    booked, asked = ask_for_3ds(desk, bookings)
    expired = ended(booked, "expired")
    on_booking_expired(desk, expired)
    on_booking_expired(desk, expired)
    assert rows(owner, "SELECT handler FROM inbox WHERE handler LIKE '%expired'") == [
        {"handler": "payment.on_booking_expired"}
    ]
    run_jobs(desk, owner)
    assert payments_of(owner, booked.id)[0]["state"] == "cancelled"
    intent = next(one for one in standin.intents() if one["id"] == asked["payment_intent_id"])
    assert intent["status"] == "canceled"
    assert event_names(owner) == ["payment_action_required", "payment_cancelled"]
    with pytest.raises(ServiceError, match="hold_expired"):
        confirm_payment(desk, asked["payment_intent_id"], booked.customer)


def test_an_intent_that_was_paid_meanwhile_is_reported(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W6: booking decides what becomes of the money."""
    booked, asked = ask_for_3ds(desk, bookings)
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    on_booking_expired(desk, ended(booked, "expired"))
    run_jobs(desk, owner)
    assert event_names(owner) == ["payment_action_required", "payment_succeeded"]
    assert jobs(owner)["abandon_payment"] == "done"


@pytest.mark.parametrize("cancelled_first", [True, False])
@pytest.mark.parametrize(("percent", "service"), [(100, 10000), (75, 7500), (50, 5000)])
def test_money_of_a_cancelled_booking_is_owed(
    cancelled_first: bool,
    percent: int,
    service: int,
    desk: Desk,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
) -> None:
    """rule W5: nothing is lost between 'cancelled' and 'paid', in either order."""
    booked, asked = ask_for_3ds(desk, bookings, "5.00")
    cancelled = ended(booked, "cancelled", **due(booked, percent, service, 500))
    standin.authenticate(asked["payment_intent_id"], asked["client_secret"])
    steps: list[Callable[[], Any]] = [
        lambda: on_booking_cancelled(desk, cancelled),
        lambda: confirm_payment(desk, asked["payment_intent_id"], booked.customer),
    ]
    for step in steps if cancelled_first else steps[::-1]:
        step()
    on_booking_cancelled(desk, cancelled)
    run_jobs(desk, owner)
    owed = rows(owner, "SELECT service_amount, tip_amount, status, cause FROM refund")
    assert owed == [
        {"service_amount": service, "tip_amount": 500, "status": "succeeded", "cause": "customer"}
    ]


def test_a_booking_that_is_cancelled_while_its_intent_is_made_is_not_charged(
    desk: Desk,
    gateway: StripeGateway,
    bookings: Bookings,
    owner: Engine,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """rule W6: what is known when the card would be charged counts, not what was known at the request."""
    booked, send = bookings.hold(), gateway.send

    def send_and_hear(request: ProviderRequest, key: str) -> Reply:
        reply = send(request, key)
        if request.operation is OperationKind.CREATE:
            on_booking_cancelled(desk, ended(booked, "cancelled", **due(booked, 100, 0, 0)))
        return reply

    monkeypatch.setattr(gateway, "send", send_and_hear)
    with pytest.raises(ServiceError, match="hold_expired"):
        process_payment(desk, booked.request(), booked.customer)
    assert "POST /v1/payment_intents/{id}/confirm" not in standin.calls()
    assert event_names(owner) == ["payment_cancelled"]
    assert rows(owner, "SELECT 1 FROM refund") == []
    run_jobs(desk, owner)
    assert jobs(owner) == {"abandon_payment": "done"}


def test_no_intent_is_made_for_a_booking_that_is_cancelled_already(
    desk: Desk, bookings: Bookings, owner: Engine, standin: StandIn
) -> None:
    """rule W6: booking's answer may be older than what it said since."""
    booked = bookings.hold()
    on_booking_cancelled(desk, ended(booked, "cancelled", **due(booked, 100, 0, 0)))
    with pytest.raises(ServiceError, match="hold_expired"):
        process_payment(desk, booked.request(), booked.customer)
    assert "POST /v1/payment_intents" not in standin.calls()


def test_a_cancelled_booking_without_a_payment_owes_nothing(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    booked = bookings.hold()
    on_booking_cancelled(desk, ended(booked, "cancelled", **due(booked, 100, 0, 0)))
    assert rows(owner, "SELECT 1 FROM refund") == []
    assert len(rows(owner, "SELECT 1 FROM booking_cancellation")) == 1
    assert jobs(owner) == {}


def test_a_payment_under_way_is_taken_back_when_its_outcome_is_known(
    desk: Desk, bookings: Bookings, owner: Engine
) -> None:
    booked = bookings.hold()
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(desk, booked.request("pm_card_chargeCustomerFail"), booked.customer)
    on_booking_cancelled(desk, ended(booked, "cancelled", **due(booked, 100, 0, 0)))
    rows(owner, "UPDATE payment_op SET claimed_until = app_now() + interval '1 minute' RETURNING id")
    run_jobs(desk, owner)
    assert jobs(owner)["abandon_payment"] == "waiting"
    rows(owner, "UPDATE payment_op SET claimed_until = NULL RETURNING id")
    run_jobs(desk, owner)
    assert jobs(owner)["abandon_payment"] == "done"
    assert payments_of(owner, booked.id)[0]["state"] == "cancelled"
