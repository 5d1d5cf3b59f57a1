"""A card that is held for a payment that is over: the hold is given back at once, not left to lapse."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from services.payment.clients.payment_provider import OutcomeUnknownError, Reply
from services.payment.clients.stripe_gateway import StripeGateway
from services.payment.domain.charge import OperationKind, ProviderRequest
from services.payment.domain.observation import IntentStatus
from services.payment.usecases.desk import Desk
from services.payment.usecases.process_payment import process_payment
from shared.errors import ServiceError
from tests.integration.payment.bookings import NEAR, Booked, Bookings
from tests.integration.payment.crashes import come_back
from tests.integration.payment.disputing import hear
from tests.integration.payment.paying import pay
from tests.integration.payment.records import events, payments_of, run_jobs
from tests.integration.payment.refunding import balances, cancel, operations_of
from tests.integration.payment.scripted_provider import ScriptedProvider


class LosesAnAnswer(ScriptedProvider):
    """The first cancellation after `loses` was set is done, and its answer lost."""

    loses = False

    def send(self, request: ProviderRequest, key: str) -> Reply:
        reply = super().send(request, key)
        if self.loses and request.operation is OperationKind.CANCEL:
            self.loses = False
            raise OutcomeUnknownError("timeout")
        return reply


@pytest.fixture
def provider(gateway: StripeGateway) -> LosesAnAnswer:
    return LosesAnAnswer(gateway)


@pytest.fixture
def scripted(desk: Desk, provider: LosesAnAnswer) -> Desk:
    return replace(desk, provider=provider)


def _authorize(desk: Desk, owner: Engine, provider: ScriptedProvider, intent_id: str) -> None:
    provider.move(intent_id, IntentStatus.REQUIRES_CAPTURE)
    for _ in range(2):
        hear(desk, owner, "payment_intent.amount_capturable_updated", intent_id, intent_id)


def _refused_and_cancelled(desk: Desk, owner: Engine, provider: ScriptedProvider, booked: Booked) -> str:
    """A card was refused and the booking cancelled, which ended the payment; answers its intent."""
    provider.card = "declined"
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(desk, booked.request(), booked.customer)
    provider.card = "paid"
    cancel(desk, booked, 100, 0)
    run_jobs(desk, owner)
    [intent_id] = provider.intents
    return intent_id


@pytest.mark.parametrize("loses", [False, True])
def test_a_hold_that_comes_after_the_end_is_released(
    loses: bool, scripted: Desk, provider: LosesAnAnswer, bookings: Bookings, owner: Engine
) -> None:
    """rules M15 and W6: once, by a request of its own, also when its answer is lost; nothing is posted, and
    nobody hears of it."""
    booked = bookings.hold(ahead=NEAR)
    intent_id = _refused_and_cancelled(scripted, owner, provider, booked)
    asked, told = len(operations_of(owner, "cancel")), len(events(owner))
    provider.loses = loses
    _authorize(scripted, owner, provider, intent_id)
    for _ in range(2):
        come_back(scripted, owner)
    assert provider.intents[intent_id].status is IntentStatus.CANCELED
    assert len(operations_of(owner, "cancel")) == asked + 1
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["cancelled"]
    assert (balances(owner, booked.id), len(events(owner))) == ({}, told)


def test_a_hold_that_comes_beside_another_leaves_that_alone(
    scripted: Desk, provider: LosesAnAnswer, bookings: Bookings, owner: Engine
) -> None:
    """rules M15 and W9: the payment that took its place is held as before."""
    booked = bookings.hold(ahead=NEAR)
    provider.card = "declined"
    with pytest.raises(ServiceError, match="card_declined"):
        process_payment(scripted, booked.request(), booked.customer)
    provider.card = "paid"
    pay(scripted, booked)
    first, second = provider.intents
    _authorize(scripted, owner, provider, first)
    assert [provider.intents[one].status for one in (first, second)] == [
        IntentStatus.CANCELED,
        IntentStatus.REQUIRES_CAPTURE,
    ]
    assert [one["state"] for one in payments_of(owner, booked.id)] == ["cancelled", "authorized"]
