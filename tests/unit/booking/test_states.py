"""The one state machine: every way that there is, and no other."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.booking import (
    Booking,
    accept,
    cancel,
    complete,
    confirm,
    decline,
    expire,
    leave_unanswered,
    start,
)
from services.booking.domain.refunds import refund_in_full
from services.booking.domain.states import (
    OCCUPYING,
    TRANSITIONS,
    Actor,
    Change,
    PendingFor,
    Reason,
    State,
    TransitionRefusedError,
    check_transition,
)
from shared.contracts import booking_forms as contract
from shared.contracts.booking_forms import BookingState
from tests.unit.booking.booking_cases import NOW, PAYMENT, held_booking

WAYS = {
    (State.PENDING, State.CONFIRMED),
    (State.PENDING, State.CANCELLED),
    (State.PENDING, State.EXPIRED),
    (State.CONFIRMED, State.IN_PROGRESS),
    (State.CONFIRMED, State.CANCELLED),
    (State.CONFIRMED, State.NO_SHOW),
    (State.NO_SHOW, State.CANCELLED),
    (State.IN_PROGRESS, State.COMPLETED),
    (State.CONFIRMED, State.COMPLETED),
    (State.EXPIRED, State.PENDING),
    (State.EXPIRED, State.CONFIRMED),
    (State.EXPIRED, State.CANCELLED),
}


def _change(actor: Actor) -> Change:
    return Change(actor, None, Reason.PAID, NOW)


def test_states_are_those_of_the_contract() -> None:
    """promise C4: seven states, and what is waited for, spelled alike inside and outside."""
    assert {state.value for state in State} == {state.value for state in BookingState}
    assert {one.value for one in PendingFor} == {one.value for one in contract.PendingFor}


@pytest.mark.parametrize(("current", "target"), list(product(State, State)))
def test_every_way_is_in_the_table_and_no_other(current: State, target: State) -> None:
    """promise C4, rule B5: all 49 pairs; each way has an actor who may take it."""
    allowed = [actor for actor in Actor if _may(current, target, actor)]
    assert bool(allowed) == ((current, target) in WAYS)


def _may(current: State, target: State, actor: Actor) -> bool:
    try:
        check_transition(current, target, _change(actor))
    except TransitionRefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("current", "target", "actor"),
    [
        (State.PENDING, State.CONFIRMED, Actor.CUSTOMER),
        (State.PENDING, State.EXPIRED, Actor.CUSTOMER),
        (State.EXPIRED, State.CANCELLED, Actor.CUSTOMER),
        (State.EXPIRED, State.CONFIRMED, Actor.CUSTOMER),
        (State.CONFIRMED, State.NO_SHOW, Actor.CUSTOMER),
        (State.CONFIRMED, State.CANCELLED, Actor.SYSTEM),
        (State.CONFIRMED, State.IN_PROGRESS, Actor.SYSTEM),
        (State.CONFIRMED, State.COMPLETED, Actor.CUSTOMER),
        (State.IN_PROGRESS, State.COMPLETED, Actor.CUSTOMER),
    ],
)
def test_a_way_is_not_for_everybody(current: State, target: State, actor: Actor) -> None:
    """rule B5: who may cause what."""
    assert not _may(current, target, actor)


KINDS = ["confirm", "accept", "decline", "unanswered", "expire", "cancel", "start", "complete"]
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(Actor)),
    max_size=8,
)


def _apply(step: str, booking: Booking, change: Change) -> Booking:
    if step == "confirm":
        return confirm(booking, PAYMENT, change)
    simple = {"accept": accept, "expire": expire, "start": start, "complete": complete}
    if step in simple:
        return simple[step](booking, change)
    refund = refund_in_full(booking.paid)
    ending = {"decline": decline, "unanswered": leave_unanswered}
    if step in ending:
        return ending[step](booking, refund, change)
    return cancel(booking, "customer", refund, change)


@given(STEPS, st.sampled_from([None, 1, 24]))
def test_whatever_happens_the_booking_stays_whole(
    steps: list[tuple[str, Actor]], answer_hours: int | None
) -> None:
    """promise C4: versions rise by one with each change, a hold exists exactly while pending, nothing
    that was agreed changes, and what is refused leaves no trace; what is paid never expires, and is confirmed
    by its provider only where that is asked first (promise C9)."""
    booking = first = replace(held_booking(), answer_hours=answer_hours)
    for step, actor in steps:
        try:
            after = _apply(step, booking, _change(actor))
        except TransitionRefusedError:
            continue
        if after.state is not booking.state:
            assert (booking.state, after.state) in WAYS
            assert actor in TRANSITIONS[booking.state, after.state]
        assert after.state is not State.EXPIRED or after.payment is None
        assert not after.awaits_answer or (answer_hours is not None and after.payment is not None)
        if after.state is State.CONFIRMED and answer_hours is not None:
            assert booking.awaits_answer
        assert after.version == booking.version + 1
        assert (after.hold is not None) == (after.state is State.PENDING)
        assert after.occupies == (after.state in OCCUPYING)
        assert after.held_from is None
        booking = after
    assert (
        replace(
            booking,
            version=first.version,
            state=first.state,
            hold=first.hold,
            held_from=first.held_from,
            pending_for=first.pending_for,
            payment=None,
            cancel_cause=None,
            refund=None,
        )
        == first
    )


def test_pending_confirmed_and_in_progress_occupy() -> None:
    """promise C2: a booking blocks its resource in these states and in no other."""
    assert {State.PENDING, State.CONFIRMED, State.IN_PROGRESS} == OCCUPYING
