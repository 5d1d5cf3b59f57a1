"""An agreed visit at another time: it is there, or where it was; no move makes cancelling cheaper."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.fixtures.servers import ServiceDatabase
from tests.fixtures.table_lock import table_lock
from tests.fixtures.waiting import wait_until
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

ROUNDS = 6


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider()


def _agreed(desk: Desk, provider: Provider, start: str = "10:00", **members: Any) -> dict[str, Any]:
    booking = desk.hold(provider, start, **members)
    paid = desk.payment_succeeds(booking)
    return {**booking, "payment_id": paid.data["payment_id"]}


def _until(instant: datetime) -> timedelta:
    return instant - clock.now()


def _refused(code: str, say: Any, *arguments: Any, **members: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        say(*arguments, **members)
    assert refused.value.code == code
    return refused.value


def _last(ledger: Ledger, provider: Provider, name: str) -> dict[str, Any]:
    return [data for event, data in ledger.events(provider.provider_id) if event == name][-1]


def test_a_moved_visit_is_at_the_new_time_and_the_old_one_is_free(
    desk: Desk, provider: Provider, ledger: Ledger
) -> None:
    """promise C6, rules C8 and C13: the same booking, once per key, told once, with who and why."""
    booking = _agreed(desk, provider)
    key = new_id()
    moved = desk.reschedule(booking, "14:00", idempotency_key=key, reason="a meeting")
    assert desk.reschedule(booking, "14:00", idempotency_key=key, reason="a meeting") == moved
    assert (moved["booking_id"], moved["state"], moved["local_time"]) == (
        booking["booking_id"],
        "confirmed",
        "14:00",
    )
    assert moved["starts_at"] - booking["starts_at"] == timedelta(hours=4)
    times = desk.free_times(provider)
    assert ("10:00" in times, "14:00" in times) == (True, False)
    last = ledger.history(booking["booking_id"])[-1]
    assert last == (3, "confirmed", "confirmed", "customer", "rescheduled")
    assert ledger.event_names(provider.provider_id)[-2:] == ["booking_rescheduled", "availability_changed"]
    told = _last(ledger, provider, "booking_rescheduled")
    assert clock.from_text(told["previous_starts_at"]) == booking["starts_at"]
    done_by = moved["ends_at"] + desk.settings.complete_grace
    assert clock.from_text(told["done_by"]) == done_by
    assert ledger.allocations(booking["booking_id"]) == 1


def test_its_own_time_is_in_nobodys_way(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """rule C8: by half an hour, into the time that it has; what others have stays theirs."""
    booking, other = _agreed(desk, provider, "10:00"), _agreed(desk, provider, "12:00")
    assert desk.reschedule(booking, "10:30")["local_time"] == "10:30"
    assert desk.reschedule(booking, "11:00")["local_time"] == "11:00"
    refused = _refused("slot_taken", desk.reschedule, booking, "11:30")
    assert refused.details["alternatives"][0]["local_time"] == "13:00"
    assert ledger.state(other["booking_id"]) == "confirmed"
    assert ledger.history(booking["booking_id"])[-1][0] == 4


@pytest.mark.parametrize(
    ("start", "members", "code"),
    [
        ("20:00", {}, "closed"),
        ("10:07", {}, "off_grid"),
        ("10:00", {"booking_date": "2001-01-01"}, "past_date"),
        ("10:00", {"booking_date": "2099-01-01"}, "beyond_window"),
        ("14:00", {"staff_id": new_id()}, "not_found"),
        ("10:00", {}, "validation_failed"),
    ],
)
def test_only_what_is_on_offer_to_others(
    desk: Desk, provider: Provider, ledger: Ledger, start: str, members: dict[str, str], code: str
) -> None:
    """promise C6, rule B16: quoted or done, the same refusal, and nothing has changed."""
    booking = _agreed(desk, provider)
    _refused(code, desk.reschedule_quote, booking, start, **members)
    _refused(code, desk.reschedule, booking, start, **members)
    assert ledger.history(booking["booking_id"])[-1][0] == 2


def test_who_may_move_what(
    desk: Desk, provider: Provider, transaction: Transaction, move_clock: MoveClock
) -> None:
    """promise H2, rules B5 and B11: its customer, what is agreed, before its start; nobody else, nothing
    else."""
    booking, held = _agreed(desk, provider), desk.hold(provider, "12:00")
    for stranger in (somebody(), member_of(provider)):
        _refused("not_found", desk.reschedule, booking, "14:00", stranger)
        _refused("not_found", desk.reschedule_quote, booking, "14:00", stranger)
    _refused("booking_state_conflict", desk.reschedule, held, "14:00")
    with move_clock(_until(booking["starts_at"])):
        _refused("booking_state_conflict", desk.reschedule, booking, "17:00")
    ProviderDesk(transaction, provider).service_rules(acceptance="provider")
    waiting = _agreed(desk, provider, "13:00")
    _refused("booking_state_conflict", desk.reschedule, waiting, "14:00")
    desk.accept(waiting, member_of(provider))
    assert desk.reschedule(waiting, "14:00")["state"] == "confirmed"
    desk.cancel(booking)
    _refused("booking_state_conflict", desk.reschedule, booking, "15:00")


def test_no_move_makes_cancelling_cheaper(desk: Desk, provider: Provider, move_clock: MoveClock) -> None:
    """rule B2: the least notice that there was counts, whatever the time is that it was moved to."""
    booking, other = _agreed(desk, provider, "10:00"), _agreed(desk, provider, "12:00")
    later = (desk.day + timedelta(days=20)).isoformat()
    assert desk.reschedule_quote(other, "12:00", booking_date=later)["refund_percent"] == 100
    with move_clock(_until(booking["starts_at"]) - timedelta(hours=1)):
        quote = desk.reschedule_quote(booking, "10:00", booking_date=later)
        assert (quote["refund_percent"], quote["service_refund"]["amount"], quote["moves_left"]) == (50, 0, 2)
        desk.reschedule(booking, "10:00", booking_date=later, quote_id=quote["quote_id"])
        assert desk.refund_quote(booking)["refund_percent"] == 50
        again = (desk.day + timedelta(days=25)).isoformat()
        desk.reschedule(booking, "10:00", booking_date=again)
        desk.reschedule(other, "12:00", booking_date=later)
        assert desk.refund_quote(other)["refund_percent"] == 75
        cancelled = desk.cancel(booking)
    assert cancelled["refund"]["service_refund"] == {"amount": 5000, "currency": "USD"}


def test_a_visit_is_moved_three_times_by_the_policy_of_its_hold(
    desk: Desk, provider: Provider, ledger: Ledger
) -> None:
    """rules B2 and B4: frozen with the quote; another policy counts for later holds."""
    booking = _agreed(desk, provider, "09:00")
    for number, start in enumerate(("10:00", "11:00", "12:00")):
        assert desk.reschedule_quote(booking, start)["moves_left"] == 2 - number
        desk.reschedule(booking, start)
    _refused("too_many_moves", desk.reschedule_quote, booking, "13:00")
    _refused("too_many_moves", desk.reschedule, booking, "13:00")
    frozen = ledger.one("SELECT quote->>'most_moves' FROM booking WHERE id = :id", id=booking["booking_id"])
    assert frozen == "3"


def test_a_lower_price_is_due_back_and_a_higher_one_moves_nothing(
    desk: Desk, provider: Provider, ledger: Ledger
) -> None:
    """promise C6, rule B3: what it costs more is shown and named, and the visit stays where it is; what
    cancelling gives back later is a part of what the visit costs then, however soon the difference is given
    back."""
    booking = _agreed(desk, provider)
    _price(ledger, provider, 12000)
    quote = desk.reschedule_quote(booking, "11:00")
    assert (quote["price"]["amount"], quote["service_refund"]["amount"]) == (12000, 0)
    refused = _refused("costs_more", desk.reschedule, booking, "11:00", quote_id=quote["quote_id"])
    assert refused.details["price_difference"] == quote["price_difference"]
    assert quote["price_difference"] == {"amount": 2000, "currency": "USD"}
    assert desk.look(booking)["local_time"] == "10:00"
    _price(ledger, provider, 8000)
    quote = desk.reschedule_quote(booking, "12:00")
    assert (quote["price"]["amount"], quote["service_refund"]["amount"]) == (8000, 2000)
    _price(ledger, provider, 7000)
    refused = _refused("quote_changed", desk.reschedule, booking, "12:00", quote_id=quote["quote_id"])
    assert refused.details["quote"]["service_refund"]["amount"] == 3000
    _price(ledger, provider, 8000)
    moved = desk.reschedule(booking, "12:00", quote_id=quote["quote_id"])
    assert moved["quote"]["total"]["amount"] == 8000
    assert _last(ledger, provider, "booking_rescheduled")["service_refund"]["amount"] == 2000
    assert desk.refund_quote(booking)["service_refund"]["amount"] == 8000
    desk.payment_refunded(booking, 2000, 0, payment_id=booking["payment_id"], version=2, for_moves=2000)
    assert desk.refund_quote(booking)["service_refund"]["amount"] == 8000
    desk.payment_refunded(booking, 2500, 0, payment_id=booking["payment_id"], version=3, for_moves=2000)
    assert desk.cancel(booking)["refund"]["service_refund"]["amount"] == 7500


def test_a_difference_that_is_still_due_hides_no_other_refund(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rules B2 and B3: of 100.00 an administrator gave 20.00 back; the 20.00 that a move owes are due,
    blocked, failed or put back. Three quarters of 80.00 beside the one refund are 40.00."""
    booking = _agreed(desk, provider)
    _price(ledger, provider, 8000)
    desk.reschedule(booking, "12:00")
    paid = {"payment_id": booking["payment_id"]}
    with move_clock(_until(booking["starts_at"]) - timedelta(hours=1)):
        assert _quarter_kept(desk, booking) == 6000
        desk.payment_refunded(booking, 2000, 0, **paid, version=2)
        assert _quarter_kept(desk, booking) == 4000
        desk.payment_refunded(booking, 4000, 0, **paid, version=3, for_moves=2000)
        assert _quarter_kept(desk, booking) == 4000
        desk.payment_refunded(booking, 2000, 0, **paid, version=4)
        assert desk.cancel(booking)["refund"]["service_refund"]["amount"] == 4000


def _quarter_kept(desk: Desk, booking: dict[str, Any]) -> int:
    quote = desk.refund_quote(booking)
    assert quote["refund_percent"] == 75
    return int(quote["service_refund"]["amount"])


def _price(ledger: Ledger, provider: Provider, amount: int) -> None:
    query = "UPDATE service SET price_amount = :amount WHERE id = :id"
    ledger.run(query, amount=amount, id=provider.services[0])


def test_it_stays_with_who_has_it_while_they_are_free(desk: Desk, ledger: Ledger) -> None:
    """promise C7, rule C11: another is chosen only when they are not; who is asked for gets it or nobody
    does."""
    provider = desk.open_provider(staff=2)
    first, second = provider.staff
    booking = _agreed(desk, provider, "10:00", staff_id=first)
    assert desk.reschedule(booking, "12:00")["staff_id"] == first
    _agreed(desk, provider, "14:00", staff_id=first)
    _refused("slot_taken", desk.reschedule, booking, "14:00", staff_id=first)
    assert desk.reschedule(booking, "14:00")["staff_id"] == second
    assert desk.reschedule(booking, "12:00", staff_id=first)["staff_id"] == first


def test_several_people_and_a_room_move_together(
    desk: Desk, transaction: Transaction, ledger: Ledger
) -> None:
    """rule C9: all of what it takes, or nothing; into the time that it has, with another room where its
    own is taken."""
    provider = desk.open_provider(staff=3)
    mine = ProviderDesk(transaction, provider)
    mine.service_rules(staff_count=2, needs=[{"resource_id": mine.rooms(2)}])
    booking = _agreed(desk, provider, "10:00")
    before = _occupied(ledger, booking)
    assert len(before) == 3
    desk.reschedule(booking, "10:30")
    assert _occupied(ledger, booking) == before
    other = ProviderDesk(transaction, provider)
    other.service_rules(1, needs=[{"resource_id": _pool(mine), "count": 1}])
    [blocker] = [_agreed(desk, provider, "13:00", service=1)]
    moved = desk.reschedule(booking, "13:00")
    assert set(_occupied(ledger, booking)).isdisjoint(_occupied(ledger, blocker))
    starts = "SELECT DISTINCT starts_at FROM further_resource WHERE booking_id = :id"
    assert ledger.one(starts, id=booking["booking_id"]) == moved["starts_at"]
    mine.service_rules(staff_count=1, needs=[])
    _refused("not_movable", desk.reschedule, booking, "16:00")
    assert len(_occupied(ledger, booking)) == 3


def _pool(mine: ProviderDesk) -> str:
    [pool] = mine.supply()["resources"]
    return str(pool["resource_id"])


def _occupied(ledger: Ledger, booking: dict[str, Any]) -> list[str]:
    query = "SELECT resource_id::text FROM allocation WHERE booking_id = :id ORDER BY 1"
    return [row[0] for row in ledger.rows(query, id=booking["booking_id"])]


def test_a_seat_is_left_and_another_taken(desk: Desk, transaction: Transaction, ledger: Ledger) -> None:
    """rule C10: a session that has room is joined, another is opened; those who stay keep theirs."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=2)
    stays, goes, there = (_agreed(desk, provider, start) for start in ("10:00", "10:00", "14:00"))
    desk.reschedule(goes, "14:00")
    assert _session(ledger, goes) == _session(ledger, there) != _session(ledger, stays)
    _refused("session_full", desk.reschedule, stays, "14:00")
    joined = _agreed(desk, provider, "10:00")
    assert _session(ledger, joined) == _session(ledger, stays)
    desk.reschedule(goes, "16:00")
    assert _session(ledger, goes) not in (_session(ledger, there), _session(ledger, stays))
    assert _agreed(desk, provider, "14:00")["booking_id"]
    _refused("slot_taken", desk.reschedule, goes, "10:30")
    assert [ledger.allocations(one["booking_id"]) for one in (stays, goes, there, joined)] == [1, 1, 1, 1]


def _session(ledger: Ledger, booking: dict[str, Any]) -> str:
    query = "SELECT DISTINCT session_id::text FROM allocation WHERE booking_id = :id"
    return str(ledger.one(query, id=booking["booking_id"]))


def test_its_own_visit_does_not_count_against_a_cap(desk: Desk, transaction: Transaction) -> None:
    """promise C7: a day that is full with it has room for it; another full day has not."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).staff(0, day_cap=1)
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    booking = _agreed(desk, provider)
    _agreed(desk, provider, booking_date=tomorrow)
    assert desk.reschedule(booking, "15:00")["local_time"] == "15:00"
    _refused("day_cap_reached", desk.reschedule, booking, "15:00", booking_date=tomorrow)


def test_an_ended_hold_is_in_nobodys_way(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rule C7: a visit is moved to its time, whether or not the sweeper has come by."""
    booking, held = _agreed(desk, provider), desk.hold(provider, "14:00")
    with move_clock(timedelta(minutes=16)):
        desk.reschedule(booking, "14:00")
    assert ledger.state(held["booking_id"]) == "expired"


def test_of_two_who_move_to_the_same_time_one_does(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """promise C2, rule C8: with customers who book it meanwhile; who does not get it keeps what they had."""
    for number in range(ROUNDS):
        day = (desk.day + timedelta(days=number)).isoformat()
        one, two = (_agreed(desk, provider, start, booking_date=day) for start in ("10:00", "12:00"))
        tries = [
            lambda one=one, day=day: desk.reschedule(one, "14:00", booking_date=day),
            lambda two=two, day=day: desk.reschedule(two, "14:15", booking_date=day),
            lambda day=day: desk.hold(provider, "14:30", booking_date=day),
        ]
        outcomes = _at_once(tries)
        assert sorted(outcomes) == ["", "slot_taken", "slot_taken"]
        assert [ledger.allocations(booking["booking_id"]) for booking in (one, two)] == [1, 1]


def test_who_move_to_overlapping_times_wait_in_one_order(
    desk: Desk, provider: Provider, ledger: Ledger, own: ServiceDatabase
) -> None:
    """rule C8: the second waits for a lock that is taken in order, not for what the first has written: bare
    UPDATEs, of which each writes before it sees the other, deadlock."""
    one, two = (_agreed(desk, provider, start) for start in ("10:00", "12:00"))
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = :name"
    with ThreadPoolExecutor(2) as pool:
        with table_lock(own.owner_url, "outbox") as lock:
            first = pool.submit(desk.reschedule, one, "15:00")
            lock.wait_for_waiters(1)
            second = pool.submit(desk.reschedule, two, "15:30")
            wait_until(lambda: ledger.one(waits, name=own.name) == 1, "the second to wait for a lock")
        assert first.result()["local_time"] == "15:00"
        assert isinstance(second.exception(), ServiceError)
    assert [ledger.allocations(booking["booking_id"]) for booking in (one, two)] == [1, 1]


def test_who_move_into_each_others_times_lose_nothing(
    desk: Desk, ledger: Ledger, transaction: Transaction
) -> None:
    """promise C2, rule C8: swapped at once, in a circle, with two people and a room each: no deadlock, and
    everybody has a time."""
    provider = desk.open_provider(staff=2)
    mine = ProviderDesk(transaction, provider)
    mine.service_rules(staff_count=2, needs=[{"resource_id": mine.rooms(1)}])
    for number in range(ROUNDS):
        day = (desk.day + timedelta(days=number)).isoformat()
        starts = ("10:00", "11:00", "12:00")
        booked = [_agreed(desk, provider, start, booking_date=day) for start in starts]
        tries = [
            lambda booking=booking, start=start, day=day: desk.reschedule(booking, start, booking_date=day)
            for booking, start in zip(booked, (*starts[1:], starts[0]), strict=True)
        ]
        assert set(_at_once(tries)) <= {"", "resource_busy", "slot_taken"}
        assert [ledger.allocations(booking["booking_id"]) for booking in booked] == [3, 3, 3]
        held = "SELECT count(DISTINCT blocked) FROM allocation WHERE booking_id = ANY(CAST(:ids AS uuid[]))"
        assert ledger.one(held, ids=[booking["booking_id"] for booking in booked]) == 3


def _at_once(tries: list[Any]) -> list[str]:
    """The code of each one's refusal; empty: it was done."""
    with ThreadPoolExecutor(len(tries)) as pool:
        futures = [pool.submit(one) for one in tries]
        errors = [future.exception() for future in futures]
    assert all(error is None or isinstance(error, ServiceError) for error in errors), errors
    return [error.code if isinstance(error, ServiceError) else "" for error in errors]


def test_a_move_that_meets_its_cancellation_is_one_or_the_other(
    desk: Desk, provider: Provider, ledger: Ledger
) -> None:
    """promise C4, rule C8: versions without a gap, and an ended booking's time is free."""
    for number in range(ROUNDS):
        day = (desk.day + timedelta(days=number)).isoformat()
        booking = _agreed(desk, provider, booking_date=day)
        again = customer_of(booking)
        outcomes = _at_once(
            [
                lambda booking=booking, day=day: desk.reschedule(booking, "14:00", booking_date=day),
                lambda booking=booking: desk.cancel(booking),
                lambda booking=booking, day=day, again=again: desk.reschedule(
                    booking, "16:00", again, booking_date=day
                ),
            ]
        )
        assert set(outcomes) <= {"", "booking_state_conflict"}
        assert ledger.state(booking["booking_id"]) == "cancelled"
        assert ledger.allocations(booking["booking_id"]) == 0
        versions = [change[0] for change in ledger.history(booking["booking_id"])]
        assert versions == list(range(1, len(versions) + 1))


def test_a_move_that_breaks_off_has_changed_nothing(
    desk: Desk, provider: Provider, ledger: Ledger, own: ServiceDatabase
) -> None:
    """rule C8: when the connection is lost before the commit, the visit is where it was and its old time is
    not lost; the same command then does it."""
    booking, key = _agreed(desk, provider), new_id()
    with table_lock(own.owner_url, "outbox") as lock, ThreadPoolExecutor(1) as pool:
        moving = pool.submit(desk.reschedule, booking, "14:00", idempotency_key=key)
        lock.wait_for_waiters(1)
        ledger.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'booking test' AND wait_event_type = 'Lock'"
        )
        assert moving.exception() is not None
    assert ledger.history(booking["booking_id"])[-1][0] == 2
    assert "14:00" in desk.free_times(provider)
    assert desk.reschedule(booking, "14:00", idempotency_key=key)["local_time"] == "14:00"


def test_moving_waits_for_hours_that_are_being_changed(
    desk: Desk, transaction: Transaction, own: ServiceDatabase, provider: Provider
) -> None:
    """rule C9: whoever moves does it by the supply as it is, like whoever books."""
    mine = ProviderDesk(transaction, provider)
    booking = _agreed(desk, provider, "10:00")
    with ThreadPoolExecutor(2) as pool:
        with table_lock(own.owner_url, "outbox") as lock:
            windows = [{"weekday": day, "opens": "09:00", "closes": "12:00"} for day in range(1, 8)]
            changing = pool.submit(mine.hours, windows)
            lock.wait_for_waiters(1)
            moving = pool.submit(desk.reschedule, booking, "14:00")
            lock.wait_for_waiters(2)
        assert changing.result()["stranded"] == 0
        assert isinstance(moving.exception(), ServiceError)
