"""Nobody is in two places at once, however many ask at the same moment, unless they say that they may."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.booking.usecases.expiry import sweep_expired_holds
from shared.contracts.declaration import Caller
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import SeriesDesk

CODE = "customer_in_two_places"
LATE = timedelta(minutes=16)
MOTHER, SON = {"name": "Ada Verne"}, {"name": "Jules Verne"}
ROUNDS = 4


@pytest.fixture
def one(desk: Desk) -> Provider:
    return desk.open_provider()


@pytest.fixture
def other(desk: Desk) -> Provider:
    return desk.open_provider()


def _refused(act: Callable[..., object], *arguments: Any, **members: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        act(*arguments, **members)
    return refused.value


def test_a_customer_has_one_visit_at_a_time(desk: Desk, one: Provider, other: Provider) -> None:
    """rule C19: of whichever provider, held or agreed; back to back is legal, and so is what they ask for."""
    caller = somebody()
    held = desk.hold(one, "10:00", caller)
    for start in ("09:15", "10:00", "10:45"):
        error = _refused(desk.hold, other, start, caller)
        assert (error.code, error.details) == (CODE, {"booking_id": held["booking_id"]})
    assert desk.hold(other, "09:00", caller)["state"] == "pending"
    desk.payment_succeeds(held)
    assert _refused(desk.hold, other, "10:30", caller).code == CODE
    assert desk.hold(other, "10:30", caller, allow_overlap=True)["state"] == "pending"
    assert desk.hold(other, "12:00", somebody())["state"] == "pending"


def test_what_ended_is_in_nobodys_way(
    desk: Desk, one: Provider, other: Provider, move_clock: MoveClock
) -> None:
    """rules C7 and C19: neither what is cancelled nor a hold that has run out, swept or not."""
    caller = somebody()
    desk.cancel(desk.hold(one, "10:00", caller))
    desk.hold(one, "10:00", caller)
    with move_clock(LATE):
        assert desk.hold(other, "10:00", caller)["state"] == "pending"


def test_who_receives_the_care_is_where_it_is_given(desk: Desk, one: Provider, other: Provider) -> None:
    """rule C19, promise C10: a mother's carer and a son's lesson are not two places; the mother's two are,
    however her name is spelled."""
    caller = somebody()
    desk.hold(one, "10:00", caller, recipient=MOTHER)
    assert desk.hold(other, "10:00", caller)["state"] == "pending"
    third = desk.open_provider(staff=2)
    assert desk.hold(third, "10:00", caller, recipient=SON)["state"] == "pending"
    again = {"name": " ada  VERNE ", "relation": "mother"}
    assert _refused(desk.hold, third, "10:30", caller, recipient=again).code == CODE


@pytest.mark.parametrize(
    ("minutes", "busy", "code"), [(30, "10:30", CODE), (90, "11:00", "")], ids=["shorter", "longer"]
)
def test_who_joins_a_session_is_there_for_as_long_as_it_takes(
    desk: Desk, transaction: Transaction, ledger: Ledger, minutes: int, busy: str, code: str
) -> None:
    """rules C19 and C10: it was opened for an hour, whatever the service takes by now."""
    provider, other = desk.open_provider(staff=2), desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=3)
    holding, moving = somebody(), somebody()
    desk.hold(provider, "10:00")
    moved = desk.hold(provider, "16:00", moving)
    desk.payment_succeeds(moved)
    change = "UPDATE service SET duration_minutes = :minutes WHERE id = :id"
    ledger.run(change, minutes=minutes, id=provider.services[0])
    for caller in (holding, moving):
        desk.hold(other, busy, caller)
        other = desk.open_provider()
    acts = (
        partial(desk.hold, provider, "10:00", holding),
        partial(desk.reschedule_quote, moved, "10:00"),
        partial(desk.reschedule, moved, "10:00"),
    )
    assert [_code(act) for act in acts] == [code] * 3


def test_a_visit_is_not_moved_to_the_time_of_another(desk: Desk, one: Provider, other: Provider) -> None:
    """rule C19: the quote says so before; its own time is in nobody's way."""
    caller = somebody()
    moved, there = desk.hold(one, "10:00", caller), desk.hold(other, "14:00", caller)
    desk.payment_succeeds(moved)
    for act in (desk.reschedule_quote, desk.reschedule):
        error = _refused(act, moved, "14:30")
        assert (error.code, error.details["booking_id"]) == (CODE, there["booking_id"])
    assert desk.reschedule(moved, "10:30")["local_time"] == "10:30"
    assert desk.reschedule_quote(moved, "14:30", allow_overlap=True)["moves_left"] == 1
    assert desk.reschedule(moved, "14:30", allow_overlap=True)["local_time"] == "14:30"


def test_of_a_series_each_visit_is_told(desk: Desk, one: Provider, other: Provider) -> None:
    """rules C19 and T17: those beside another visit are refused, the rest is held."""
    customer = SeriesDesk(desk)
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    desk.hold(other, "10:30", customer.caller, booking_date=tomorrow)
    rule = "FREQ=DAILY;COUNT=3"
    made = customer.create(one, desk.day, rule)
    assert [instance["code"] or instance["outcome"] for instance in made["instances"]] == [
        "booked",
        CODE,
        "booked",
    ]
    both = customer.create(other, desk.day, rule, allow_overlap=True)
    assert [instance["code"] for instance in both["instances"]] == [None, "slot_taken", None]


def test_money_that_comes_late_for_the_time_of_another_visit_goes_back(
    desk: Desk, one: Provider, other: Provider, move_clock: MoveClock
) -> None:
    """rules C19 and W5: they have booked something else meanwhile; unless they may be in two places."""
    caller = somebody()
    late, allowed = desk.hold(one, "10:00", caller), desk.hold(one, "14:00", caller, allow_overlap=True)
    with move_clock(LATE):
        sweep_expired_holds(desk.transaction)
        for start in ("10:30", "14:30"):
            desk.payment_succeeds(desk.hold(other, start, caller))
        desk.payment_succeeds(late)
        desk.payment_succeeds(allowed)
    seen = desk.look(late)
    assert (seen["state"], seen["cancel_cause"]) == ("cancelled", "late_payment")
    assert seen["refund"]["refund_percent"] == 100
    assert desk.look(allowed)["state"] == "confirmed"


@pytest.mark.parametrize("is_in_work", [False, True], ids=["paid", "in work before"])
def test_money_for_a_hold_that_nobody_has_swept_goes_back_as_well(
    desk: Desk, one: Provider, other: Provider, ledger: Ledger, move_clock: MoveClock, is_in_work: bool
) -> None:
    """rule C19: what has ended keeps its customer from nothing, so it does not come back beside the other."""
    caller = somebody()
    ended = desk.hold(one, "10:00", caller)
    with move_clock(LATE):
        live = desk.hold(other, "10:00", caller)
        if is_in_work:
            desk.payment_processing(ended)
        desk.payment_succeeds(ended)
        desk.payment_succeeds(live)
        assert [ledger.state(booking["booking_id"]) for booking in (ended, live)] == [
            "cancelled",
            "confirmed",
        ]
        assert desk.look(ended)["cancel_cause"] == "late_payment"


def test_of_many_at_once_one_is_held(desk: Desk, ledger: Ledger) -> None:
    """rule C19: at different providers, of which none keeps another waiting; a move among them."""
    providers = [desk.open_provider() for _ in range(4)]
    for number in range(ROUNDS):
        caller, day = somebody(), (desk.day + timedelta(days=number)).isoformat()
        agreed = desk.hold(providers[0], "09:00", caller, booking_date=day)
        desk.payment_succeeds(agreed)
        hold = partial(desk.hold, start="12:30", caller=caller, booking_date=day)
        move = partial(desk.reschedule, agreed, "12:00", booking_date=day)
        tries: list[Callable[[], Any]] = [move, *(partial(hold, provider) for provider in providers[1:])]
        with ThreadPoolExecutor(len(tries)) as pool:
            outcomes = [*pool.map(_code, tries)]
        assert sorted(outcomes) == ["", CODE, CODE, CODE]
        assert _overlapping(ledger, caller) == 0


def _overlapping(ledger: Ledger, caller: Caller) -> int:
    return int(
        ledger.one(
            "SELECT count(*) FROM booking AS one JOIN booking AS two ON one.id < two.id"
            " AND one.customer_id = two.customer_id AND one.visit && two.visit"
            " WHERE one.customer_id = :id AND one.state IN ('pending', 'confirmed')"
            " AND two.state IN ('pending', 'confirmed')",
            id=caller.user_id,
        )
    )


def _code(act: Callable[[], object]) -> str:
    try:
        act()
    except ServiceError as error:
        return error.code
    return ""
