"""Money that comes late from a payment that was taken for dead: never lost, kept once, no job stuck."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.observation import IntentStatus
from services.payment.usecases.desk import Desk
from services.payment.usecases.hear_events import on_booking_expired
from services.payment.usecases.process_payment import process_payment
from services.payment.usecases.tip_booking import tip_booking
from shared.errors import ServiceError
from tests.integration.payment.bookings import NEAR, Booked, Bookings, ended
from tests.integration.payment.disputing import hear
from tests.integration.payment.invariants import check_money
from tests.integration.payment.paying import pay
from tests.integration.payment.records import events, jobs, payments_of, run_jobs
from tests.integration.payment.refunding import balances, cancel, refunds_of
from tests.integration.payment.scripted_provider import ScriptedProvider, stripe_keeps
from tests.integration.payment.visits import complete


@pytest.fixture
def provider(gateway: StripeGateway) -> ScriptedProvider:
    return ScriptedProvider(gateway)


@pytest.fixture
def scripted(desk: Desk, provider: ScriptedProvider) -> Desk:
    return replace(desk, provider=provider)


def replaced(desk: Desk, provider: ScriptedProvider, booked: Booked) -> str:
    """A payment of 100.00 was begun and refused, and another took its place; answers the first's intent."""
    provider.card = "declined"
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(desk, booked.request(), booked.customer)
    provider.card = "paid"
    pay(desk, booked)
    return next(iter(provider.intents))


def capture_late(desk: Desk, owner: Engine, provider: ScriptedProvider, intent_id: str) -> None:
    provider.move(intent_id, IntentStatus.SUCCEEDED)
    hear(desk, owner, "payment_intent.succeeded", intent_id, intent_id)


def test_late_money_beside_a_payment_that_paid_goes_back(
    scripted: Desk, provider: ScriptedProvider, bookings: Bookings, owner: Engine
) -> None:
    """rules W2 and W9: written, posted with its invoice, and given back without anybody's asking; booking
    hears of the refund alone."""
    booked = bookings.hold()
    intent_id = replaced(scripted, provider, booked)
    for _ in range(2):
        capture_late(scripted, owner, provider, intent_id)
    late, paid = payments_of(owner, booked.id)
    assert (late["state"], late["paid_twice"], late["captured_amount"]) == ("refunded", True, 10000)
    assert (paid["state"], paid["paid_twice"]) == ("captured", False)
    [refund] = refunds_of(owner, str(late["id"]))
    assert (refund["cause"], refund["service_amount"], refund["status"]) == ("paid_twice", 10000, "succeeded")
    assert balances(owner, booked.id)["stripe_clearing"] == 10000 - stripe_keeps(10000) * 2
    told = [event["type"] for event in events(owner) if event["data"]["payment_id"] == str(late["id"])]
    assert told == ["payment_failed", "payment_cancelled", "payment_refunded"]
    assert jobs(owner)["work_webhook"] == "done"
    check_money(scripted, provider)


@pytest.mark.parametrize("booking", ["completed", "cancelled"])
def test_late_money_goes_back_once_whatever_becomes_of_the_booking(
    booking: str, scripted: Desk, provider: ScriptedProvider, bookings: Bookings, owner: Engine
) -> None:
    """rules M11 and W5: a cancellation owes only what the other payment took."""
    booked = bookings.hold(ahead=NEAR)
    intent_id = replaced(scripted, provider, booked)
    capture_late(scripted, owner, provider, intent_id)
    if booking == "completed":
        complete(scripted, booked)
    else:
        cancel(scripted, booked, 100, 10000)
    run_jobs(scripted, owner)
    late, paid = payments_of(owner, booked.id)
    assert [one["service_amount"] for one in refunds_of(owner, str(late["id"]))] == [10000]
    assert paid["captured_amount"] == (10000 if booking == "completed" else 0)
    check_money(scripted, provider)


def test_late_money_without_another_payment_pays_the_booking(
    scripted: Desk, provider: ScriptedProvider, bookings: Bookings, owner: Engine
) -> None:
    """rule W2: what was taken was taken, and is kept for booking to decide about; nothing is paid again."""
    booked = bookings.hold()
    provider.card = "declined"
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(scripted, booked.request(), booked.customer)
    on_booking_expired(scripted, ended(booked, "expired"))
    run_jobs(scripted, owner)
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["cancelled"]
    capture_late(scripted, owner, provider, next(iter(provider.intents)))
    [late] = payments_of(owner, booked.id)
    assert (late["state"], late["paid_twice"]) == ("captured", False)
    with pytest.raises(ServiceError, match="already_paid"):
        process_payment(scripted, booked.request(), booked.customer)
    assert [event["type"] for event in events(owner)][-1] == "payment_succeeded"


def test_a_tip_that_comes_twice_goes_back(
    scripted: Desk, provider: ScriptedProvider, bookings: Bookings, owner: Engine
) -> None:
    """rule W9: one tip per booking is kept."""
    booked = bookings.hold()
    pay(scripted, booked)
    complete(scripted, booked)
    provider.card = "declined"
    with pytest.raises(ServiceError, match="card_declined"):
        tip_booking(scripted, booked.request(tip=Decimal("5.00")), booked.customer)
    provider.card = "paid"
    tip_booking(scripted, booked.request(tip=Decimal("5.00")), booked.customer)
    [_, declined, _] = provider.intents
    capture_late(scripted, owner, provider, declined)
    assert [(one["kind"], one["state"]) for one in payments_of(owner, booked.id)] == [
        ("booking", "captured"),
        ("tip", "refunded"),
        ("tip", "captured"),
    ]
    check_money(scripted, provider)
