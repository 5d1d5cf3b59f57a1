"""A state is never left for an earlier one, whatever is seen in whatever order."""

import functools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain.declines import DeclineReason, Failure, reason_of
from services.payment.domain.observation import IntentStatus, Observation
from services.payment.domain.states import CAPTURED, DEAD, RANK, SECURED, SETTLED, State, later
from services.payment.usecases.views import status_of
from shared.contracts.payment_forms import PaymentStatus

observations = st.lists(st.sampled_from(State), min_size=1, max_size=12)


@given(observations, st.randoms())
def test_any_order_of_the_same_observations_ends_alike(seen: list[State], chance: random.Random) -> None:
    """rule W2: forward transitions only."""
    shuffled = list(seen)
    chance.shuffle(shuffled)
    assert functools.reduce(later, seen, State.CREATED) is functools.reduce(later, shuffled, State.CREATED)


@given(observations)
def test_a_state_never_regresses(seen: list[State]) -> None:
    """rule W2: each step stays or goes up."""
    state = State.CREATED
    for observed in seen:
        after = later(state, observed)
        assert RANK[after] >= RANK[state]
        state = after


@given(observations)
def test_money_that_was_taken_stays_taken(seen: list[State]) -> None:
    state = functools.reduce(later, seen, State.CAPTURED)
    assert state in CAPTURED


def test_groups_of_states() -> None:
    assert SETTLED == DEAD | SECURED
    assert not DEAD & SECURED
    assert RANK[State.CANCELLED] < RANK[State.CAPTURED]


@pytest.mark.parametrize(
    ("status", "failure", "state", "public"),
    [
        ("requires_payment_method", None, State.CREATED, PaymentStatus.PROCESSING),
        ("requires_payment_method", "card_declined", State.FAILED_RETRYABLE, PaymentStatus.FAILED),
        ("requires_confirmation", None, State.READY, PaymentStatus.PROCESSING),
        ("requires_action", None, State.ACTION_REQUIRED, PaymentStatus.REQUIRES_ACTION),
        ("processing", None, State.PROCESSING, PaymentStatus.PROCESSING),
        ("requires_capture", None, State.AUTHORIZED, PaymentStatus.SUCCEEDED),
        ("succeeded", None, State.CAPTURED, PaymentStatus.SUCCEEDED),
        ("canceled", None, State.CANCELLED, PaymentStatus.CANCELLED),
    ],
)
def test_what_stripe_says_is_what_we_and_the_customer_see(
    status: str, failure: str | None, state: State, public: PaymentStatus
) -> None:
    """promise D1: Stripe's statuses, ours, and the client's."""
    seen = Observation(
        intent_id="pi_1",
        status=IntentStatus(status),
        amount=100,
        amount_received=0,
        currency="usd",
        failure=Failure(failure) if failure else None,
    )
    assert seen.state is state
    assert status_of(state) is public


def test_a_client_secret_is_not_shown_by_accident() -> None:
    seen = Observation("pi_1", IntentStatus.REQUIRES_ACTION, 1, 0, "usd", client_secret="pi_1_secret_x")
    assert "secret_x" not in repr(seen)
    assert "secret_x" not in str(seen)


@pytest.mark.parametrize(
    "word", ["fraudulent", "lost_card", "stolen_card", "pickup_card", "merchant_blacklist", None]
)
def test_suspicion_is_never_told(word: str | None) -> None:
    assert reason_of("card_declined", word) is DeclineReason.DECLINED


def test_the_finer_code_counts() -> None:
    assert reason_of("card_declined", "insufficient_funds") is DeclineReason.INSUFFICIENT_FUNDS
    assert reason_of("expired_card") is DeclineReason.EXPIRED_CARD
