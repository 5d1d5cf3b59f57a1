"""Waiting lists: freed time is offered to the first whom it fits, to one at a time, and to nobody twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.booking.store.waitlist import offer_to
from services.booking.store.waitlist_calls import call_lines
from services.booking.usecases import offer_freed, waitlist
from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.forget import forget_old
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import ADDRESS, Desk, customer_of, somebody, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk
from tests.integration.booking.series_desk import Waiting, offer

Value = dict[str, Any]
ONE_HOUR = windows("10:00", "11:00")


def states(line: list[Waiting]) -> list[str]:
    return [one.state for one in line]


def test_a_cancelled_time_goes_down_the_line(desk: Desk, move_clock: MoveClock) -> None:
    """Declined, run out, taken: each time the next in line is offered it, alone (promise C6)."""
    provider = desk.open_provider(opening_hours=ONE_HOUR)
    taken = desk.hold(provider)
    line = [Waiting(desk, provider) for _ in range(4)]
    offer(desk)
    assert states(line) == ["waiting"] * 4

    desk.cancel(taken)
    offer(desk)
    assert states(line) == ["offered", "waiting", "waiting", "waiting"]
    held = line[0].entry["booking"]
    assert (held["state"], held["waitlist_id"]) == ("pending", line[0].entry_id)
    assert held["hold_expires_at"] - held["created_at"] == timedelta(minutes=15)
    with pytest.raises(ServiceError) as refused:
        desk.hold(provider)
    assert refused.value.code == "slot_taken"

    assert line[0].decline()["state"] == "declined"
    offer(desk)
    assert states(line) == ["declined", "offered", "waiting", "waiting"]
    with move_clock(timedelta(minutes=16)):
        sweep_expired_holds(desk.transaction)
        offer(desk)
        assert states(line) == ["declined", "missed", "offered", "waiting"]
        desk.payment_succeeds(line[2].entry["booking"])
        offer(desk)
        assert states(line) == ["declined", "missed", "taken", "waiting"]


def test_whoever_joins_while_a_time_is_free_is_offered_it(desk: Desk) -> None:
    """Time that got free just before is not missed by who joins just after (promise C6)."""
    first = Waiting(desk, desk.open_provider(opening_hours=ONE_HOUR))
    offer(desk)
    assert first.state == "offered"


def test_a_wish_that_does_not_fit_is_passed_by(desk: Desk) -> None:
    """The first in line whose hours, person and service fit is offered the time (promise C6)."""
    provider = desk.open_provider(staff=2, opening_hours=windows("10:00", "12:00"))
    taken = [
        desk.hold(provider, start, staff_id=one) for start in ("10:00", "11:00") for one in provider.staff
    ]
    late = Waiting(desk, provider, from_time="11:00")
    by_second = Waiting(desk, provider, staff_id=provider.staff[1])
    anybody = Waiting(desk, provider, to_time="10:30")
    desk.cancel(taken[0])
    offer(desk)
    assert states([late, by_second, anybody]) == ["waiting", "waiting", "offered"]
    assert anybody.entry["booking"]["staff_id"] == provider.staff[0]
    desk.cancel(taken[3])
    offer(desk)
    assert states([late, by_second, anybody]) == ["offered", "waiting", "offered"]


def test_an_offer_is_not_held_against_the_customer(desk: Desk) -> None:
    """Whoever holds as many slots as one may is offered one all the same (rule C18)."""
    other, provider, caller = desk.open_provider(), desk.open_provider(opening_hours=ONE_HOUR), somebody()
    for hour in range(11, 16):
        desk.hold(other, f"{hour:02}:00", caller)
    waiting = Waiting(desk, provider, caller)
    offer(desk)
    assert waiting.state == "offered"


def test_what_is_offered_is_no_hold_that_counts(desk: Desk) -> None:
    """Whoever is offered a time may hold as many slots as anybody (rule C18)."""
    other, caller = desk.open_provider(), somebody()
    waiting = Waiting(desk, desk.open_provider(opening_hours=ONE_HOUR), caller)
    offer(desk)
    assert waiting.state == "offered"
    for hour in range(11, 11 + desk.settings.holds_per_customer):
        desk.hold(other, f"{hour:02}:00", caller)
    with pytest.raises(ServiceError) as refused:
        desk.hold(other, "16:00", caller)
    assert refused.value.code == "too_many_holds"


def test_offers_are_lines_that_one_stands_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody heaps up offers by joining again, there or elsewhere, while they may pay one (rule C18)."""
    monkeypatch.setattr(waitlist, "MOST_WAITING", 2)
    here, there, third = (desk.open_provider() for _ in range(3))
    caller = somebody()
    first = Waiting(desk, here, caller)
    offer(desk)
    with pytest.raises(ServiceError) as again:
        Waiting(desk, here, caller)
    second = Waiting(desk, there, caller)
    offer(desk)
    with pytest.raises(ServiceError) as many:
        Waiting(desk, third, caller)
    assert [again.value.code, many.value.code] == ["already_waiting", "too_many_waiting"]
    assert states([first, second]) == ["offered"] * 2
    first.decline()
    desk.payment_succeeds(second.entry["booking"])
    assert [Waiting(desk, one, caller).state for one in (here, third)] == ["waiting"] * 2


@pytest.mark.parametrize("answer_hours", [None, 24])
def test_who_has_paid_for_a_visit_is_passed_by(
    desk: Desk, transaction: Transaction, answer_hours: int | None
) -> None:
    """The first who waits for what they don't have yet is offered the time (promise C6)."""
    provider = desk.open_provider(opening_hours=windows("10:00", "12:00"))
    if answer_hours:
        ProviderDesk(transaction, provider).service_rules(acceptance="provider", answer_hours=answer_hours)
    taken = desk.hold(provider, "10:00")
    has = desk.hold(provider, "11:00")
    line = [Waiting(desk, provider, customer_of(has)), Waiting(desk, provider)]
    desk.payment_succeeds(has)
    desk.cancel(taken)
    offer(desk)
    assert states(line) == ["waiting", "offered"]
    desk.cancel(has)
    offer(desk)
    assert states(line) == ["offered", "offered"]


def test_who_has_paid_for_a_visit_does_not_join_the_line(desk: Desk) -> None:
    """They would wait in vain (promise C6); who cancels may."""
    provider = desk.open_provider()
    has = desk.hold(provider, "11:00")
    desk.payment_succeeds(has)
    with pytest.raises(ServiceError) as refused:
        Waiting(desk, provider, customer_of(has))
    assert refused.value.code == "already_booked"
    desk.cancel(has)
    assert Waiting(desk, provider, customer_of(has)).state == "waiting"


def test_who_waits_for_a_home_visit_says_where(desk: Desk, transaction: Transaction, ledger: Ledger) -> None:
    """The offer is made with it, and nothing of it is kept with the waiting that is over (promise C10)."""
    provider = desk.open_provider(opening_hours=ONE_HOUR)
    ProviderDesk(transaction, provider).service_rules(places=["customer", "online"])
    for members, code in (
        ({}, "address_needed"),
        ({"place": "provider"}, "place_not_offered"),
        ({"place": "online", "address": ADDRESS}, "validation_failed"),
    ):
        with pytest.raises(ServiceError) as refused:
            Waiting(desk, provider, **members)
        assert refused.value.code == code
    asked: Value = {"address": ADDRESS, "recipient": {"name": "Rose Lee"}, "notes": "Ring twice."}
    line = [Waiting(desk, provider, place="customer", **asked) for _ in range(2)]
    offer(desk)
    assert states(line) == ["offered", "waiting"]
    seen = desk.look(line[0].entry["booking"])
    assert (seen["address"], seen["recipient"]["name"], seen["notes"]) == (ADDRESS, "Rose Lee", "Ring twice.")
    line[1].leave()
    kept = ledger.rows(
        "SELECT asks FROM waitlist_entry WHERE id = ANY(CAST(:ids AS uuid[]))",
        ids=[one.entry_id for one in line],
    )
    assert [row.asks for row in kept] == [{"place": "customer"}] * 2


def test_who_has_left_is_offered_nothing(desk: Desk, move_clock: MoveClock) -> None:
    """And a line for a day that is over ends by itself; one stands in it once (promise C6)."""
    provider = desk.open_provider(opening_hours=ONE_HOUR)
    taken = desk.hold(provider)
    first, second = Waiting(desk, provider), Waiting(desk, provider)
    with pytest.raises(ServiceError) as again:
        Waiting(desk, provider, first.caller)
    assert first.leave()["state"] == "left"
    with pytest.raises(ServiceError) as gone:
        first.leave()
    with pytest.raises(ServiceError) as nothing:
        second.decline()
    codes = [refused.value.code for refused in (again, gone, nothing)]
    assert codes == ["already_waiting", "not_waiting", "no_offer"]
    desk.cancel(taken)
    third = Waiting(desk, provider)
    offer(desk)
    assert states([first, second, third]) == ["left", "offered", "waiting"]
    with move_clock(timedelta(days=13)):
        forget_old(desk.transaction)
        assert third.state == "over"


def test_another_ones_entry_is_not_found(desk: Desk) -> None:
    """Neither to be left nor to be declined (rule B11)."""
    provider = desk.open_provider(opening_hours=ONE_HOUR)
    waiting, stranger = Waiting(desk, provider), Waiting(desk, provider)
    offer(desk)
    for say in (stranger.leave, stranger.decline):
        with pytest.raises(ServiceError) as refused:
            say(waitlist_id=waiting.entry_id)
        assert refused.value.code == "not_found"
    assert waiting.state == "offered"


def test_nobody_is_forgotten_when_whoever_offers_dies(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call for time that two can be offered stays until nobody can be offered more of it (promise C6)."""
    provider = desk.open_provider(opening_hours=windows("10:00", "12:00"))
    long = desk.hold(provider, "10:00", service=1)
    line = [Waiting(desk, provider) for _ in range(3)]
    offer(desk)
    assert states(line) == ["waiting"] * 3
    desk.cancel(long)
    offered = offer_to
    alive = iter(range(1))

    def dies(*arguments: Any) -> bool:
        done = offered(*arguments)
        if next(alive, None) is None:
            raise ConnectionError("the process died")
        return done

    monkeypatch.setattr(offer_freed, "offer_to", dies)
    with pytest.raises(ConnectionError):
        offer(desk)
    monkeypatch.undo()
    assert states(line) == ["offered", "waiting", "waiting"]
    offer(desk)
    assert states(line) == ["offered", "offered", "waiting"]


def test_calls_that_nobody_hears_delay_nobody(desk: Desk, transaction: Transaction) -> None:
    """Thousands of supplies come at once, as by an import: who waits elsewhere is offered a time in the same
    turn (promise C6)."""
    provider = desk.open_provider(opening_hours=ONE_HOUR)
    taken = desk.hold(provider)
    waiting = Waiting(desk, provider)
    offer(desk)
    assert waiting.state == "waiting"
    nobodys = [(new_id(), [desk.day]) for _ in range(offer_freed.MOST_AT_ONCE)]
    with transaction() as connection:
        call_lines(connection, nobodys, taken["created_at"])
    desk.cancel(taken)
    assert offer_freed.offer_freed(desk.transaction, desk.settings) == 1
    assert waiting.state == "offered"


def test_many_wait_while_much_gets_free_and_some_die(desk: Desk, ledger: Ledger) -> None:
    """Four processes offer what eight customers give back to twelve in line, and leave and decline meanwhile:

    in order, to each at most once, no time to two; as long as somebody waits nothing stays free (promise C6).
    """
    provider = desk.open_provider(opening_hours=windows("09:00", "17:00"))
    taken = [desk.hold(provider, f"{hour:02}:00") for hour in range(9, 17)]
    line = [Waiting(desk, provider) for _ in range(12)]

    def give_back(booking: Value) -> int:
        desk.cancel(booking)
        return offer(desk)

    def leave() -> int:
        return len(line[0].leave())

    with ThreadPoolExecutor(8) as pool:
        moves = [pool.submit(give_back, booking) for booking in taken]
        moves += [pool.submit(leave), *[pool.submit(offer, desk) for _ in range(4)]]
        errors = [move.exception() for move in moves]
    assert [error for error in errors if error and not isinstance(error, ServiceError)] == []
    offer(desk)

    seen = states(line)
    offered = [one for one in line if one.state == "offered"]
    assert Counter(seen)["offered"] == 8
    starts = [one.entry["booking"]["starts_at"] for one in offered]
    assert len(set(starts)) == 8
    assert "offered" not in seen[seen.index("waiting") :]
    for one in offered[:4]:
        one.decline()
    offer(desk)
    assert Counter(states(line))["offered"] == 4 + Counter(seen)["waiting"]
    assert "waiting" not in states(line)
