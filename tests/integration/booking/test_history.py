"""What the history keeps: a booking rebuilt as it was, why it became so, and who is told of it."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.booking import rebuild as command
from services.booking.domain import booking as lives
from services.booking.domain.booking import Booking, Payment
from services.booking.domain.holds import Hold
from services.booking.domain.refunds import Paid, Refund
from services.booking.domain.states import Actor, Change, Reason, State
from services.booking.store.bookings import record, record_taking_again
from services.booking.store.locks import lock_booking
from services.booking.store.records import get_booking
from services.booking.usecases.read_history import read_history
from services.booking.usecases.rebuild import rebuild
from shared import clock
from shared.contracts import booking as contract
from shared.contracts.declaration import Caller, read, write
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from shared.money import Money
from tests.integration.booking.desk import (
    Desk,
    Provider,
    customer_of,
    member_of,
    one_of_staff,
    somebody,
)
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

Step = Callable[[Booking, random.Random, Change], Booking]
LIVES, STEPS = 12, 8
ADMIN = Caller(user_id=new_id(), roles=("admin",))


def _hold(booking: Booking, chance: random.Random, change: Change) -> Booking:
    until = change.at + timedelta(minutes=chance.randint(1, 60))
    in_work = chance.choice([None, until + timedelta(minutes=5)])
    return lives.change_hold(booking, Hold(until, in_work, chance.random() < 0.5))


def _payment(chance: random.Random) -> Payment:
    paid = Paid(Money(chance.randint(1, 10000), "USD"), Money(chance.randint(0, 500), "USD"))
    return Payment(new_id(), paid)


def _refund(chance: random.Random) -> Refund:
    percent = chance.choice([0, 50, 75, 100])
    return Refund(percent, 100, Money(chance.randint(0, 10000), "USD"), Money(chance.randint(0, 500), "USD"))


WAYS: dict[State, tuple[Step, ...]] = {
    State.PENDING: (
        _hold,
        _hold,
        lambda booking, chance, change: lives.confirm(booking, _payment(chance), change),
        lambda booking, chance, change: lives.expire(booking, replace(change, actor=Actor.SYSTEM)),
    ),
    State.CONFIRMED: (
        lambda booking, chance, change: lives.start(booking, replace(change, actor=Actor.PROVIDER)),
        lambda booking, chance, change: lives.cancel(
            booking, "customer", _refund(chance), replace(change, actor=Actor.CUSTOMER)
        ),
    ),
    State.IN_PROGRESS: (
        lambda booking, chance, change: lives.complete(booking, replace(change, actor=Actor.SYSTEM)),
    ),
    State.EXPIRED: (lambda booking, chance, change: lives.confirm(booking, _payment(chance), change),),
    State.CANCELLED: (
        lambda booking, chance, change: lives.note_payment_after_cancellation(
            booking, _payment(chance), _refund(chance)
        ),
    ),
}


def _live(transaction: Transaction, booking_id: str, chance: random.Random) -> list[Booking]:
    """What the booking was after each of some steps of a life, as it stood in its table."""
    seen = [_seen(transaction, booking_id)]
    at = seen[0].created_at
    for _ in range(STEPS):
        ways = WAYS.get(seen[-1].state, ())
        if not ways:
            break
        at += timedelta(seconds=chance.randint(1, 3600))
        change = Change(Actor.PAYMENT, None, chance.choice(list(Reason)), at)
        with transaction() as connection:
            before = lock_booking(connection, booking_id)
            assert before is not None
            after = chance.choice(ways)(before, chance, change)
            if after.occupies and not before.occupies:
                seat = 1 if after.seats else None
                assert record_taking_again(connection, before, after, change, seat)
            else:
                record(connection, before, after, change)
        seen.append(_seen(transaction, booking_id))
    return seen


def _seen(transaction: Transaction, booking_id: str) -> Booking:
    with transaction() as connection:
        booking = get_booking(connection, booking_id)
    assert booking is not None
    return booking


def _kept(booking: Booking | None) -> Booking:
    """Without the address that holds it, which is forgotten with the hold."""
    assert booking is not None
    return replace(booking, held_from=None)


@pytest.mark.parametrize("seed", range(LIVES))
def test_a_booking_is_rebuilt_as_it_was_after_each_of_its_changes(
    desk: Desk, transaction: Transaction, seed: int
) -> None:
    """promise C4: whatever became of it, with rooms and in sessions: as of any instant the history says what
    the table said then, and as of now what it says."""
    provider = desk.open_provider(staff=2)
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    office = ProviderDesk(transaction, provider)
    if seed % 3 == 1:
        office.service_rules(capacity=3)
    elif seed % 3 == 2:
        office.service_rules(staff_count=2, needs=[{"resource_id": office.rooms()}])
    booking_id = desk.hold(provider, caller=somebody("192.0.2.1"), notes="ring twice")["booking_id"]
    seen = _live(transaction, booking_id, chance)
    now = rebuild(transaction, booking_id, datetime.max.replace(tzinfo=seen[0].created_at.tzinfo))
    assert now is not None
    assert (_kept(now.booking), now.not_known) == (_kept(seen[-1]), ())
    for was, change in zip(seen, now.changes, strict=True):
        past = rebuild(transaction, booking_id, change.at)
        assert past is not None
        assert (_kept(past.booking), past.changes[-1].version) == (_kept(was), was.version)
    before = rebuild(transaction, booking_id, seen[0].created_at - timedelta(microseconds=1))
    assert before is None


def test_what_is_told_of_people_is_not_in_the_history(desk: Desk, ledger: Ledger) -> None:
    """promise C4, rule C18: neither the digest of an address nor notes outlive the booking's own row."""
    booking = desk.hold(desk.open_provider(), caller=somebody("192.0.2.1"), notes="ring twice")
    facts = ledger.one("SELECT facts FROM booking_history WHERE booking_id = :id", id=booking["booking_id"])
    assert not {"notes", "held_from", "customer_id"} & set(facts)
    assert facts["state"] == "pending"


@pytest.mark.parametrize("kept", ["NULL", "facts - 'refund' - 'place'"])
def test_what_an_earlier_release_has_kept_is_told_and_nothing_more(
    desk: Desk, ledger: Ledger, transaction: Transaction, kept: str
) -> None:
    """promise A1, promise C4: of changes of before only who, why and when is known; the last of them left the
    booking as it is."""
    booking = desk.hold(desk.open_provider())
    booking_id = booking["booking_id"]
    held = _seen(transaction, booking_id)
    ledger.run(f"UPDATE booking_history SET facts = {kept} WHERE booking_id = :id", id=booking_id)
    past = rebuild(transaction, booking_id)
    assert past is not None
    assert _kept(past.booking) == _kept(held)
    desk.payment_succeeds(booking)
    past = rebuild(transaction, booking_id, held.created_at)
    assert past is not None
    assert [change.to_state for change in past.changes] == ["pending"]
    if kept == "NULL":
        assert past.booking is None
        assert {"refund", "visit", "further_ids"} <= set(past.not_known)
    else:
        assert past.not_known == ("place", "refund")
        assert past.booking is not None
        assert past.booking.state is State.PENDING


def test_who_read_the_clock_before_they_had_to_wait_comes_no_earlier(
    desk: Desk, ledger: Ledger, transaction: Transaction
) -> None:
    """promise C4: versions are in the order of their commits; an instant between the two shows neither."""
    booking = desk.hold(desk.open_provider())
    booking_id = booking["booking_id"]
    desk.payment_succeeds(booking)
    desk.cancel(booking)
    later = clock.now() + timedelta(hours=1)
    ledger.run(
        "UPDATE booking_history SET at = :at WHERE booking_id = :id AND version = 2", id=booking_id, at=later
    )
    past = rebuild(transaction, booking_id, later - timedelta(seconds=1))
    assert past is not None
    assert [change.version for change in past.changes] == [1]


def test_the_command_says_what_a_booking_was_and_why(
    desk: Desk,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """promise C4: as of an instant, as of now, and before it was there."""
    booking = desk.hold(desk.open_provider())
    booking_id = booking["booking_id"]
    desk.payment_succeeds(booking)
    desk.reschedule(booking, "14:00")
    instant = clock.to_text(clock.now())
    desk.cancel(booking, reason="ill")
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert command.main(["--booking", booking_id, "--at", instant]) == command.EXIT_OK
    then = capsys.readouterr().out
    assert "state       confirmed, version 3" in then
    assert "moves       1" in then
    assert "there was no more when it was moved" in then
    assert "paid        100.00 USD, tip 5.00 USD" in then
    assert "confirmed -> cancelled" not in then
    assert command.main(["--booking", booking_id]) == command.EXIT_OK
    now = capsys.readouterr().out
    assert "due back    100.00 USD (100 %), tip 5.00 USD" in now
    assert f"by customer {booking['customer_id']}, customer_cancelled: ill" in now
    assert command.main(["--booking", booking_id, "--at", "2020-01-01T00:00Z"]) == command.EXIT_UNKNOWN
    assert "not there as of 2020-01-01T00:00:00.000000Z" in capsys.readouterr().out


def _history(desk: Desk, booking: dict[str, Any], caller: Caller) -> list[dict[str, Any]]:
    answer = read_history(desk.transaction, booking["booking_id"], caller)
    told = read(contract.GET_BOOKING_HISTORY.answer, write(contract.GET_BOOKING_HISTORY.answer, answer))
    changes: list[dict[str, Any]] = told["changes"]
    return changes


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider()


def test_each_reader_is_told_of_a_booking_s_changes_what_is_theirs(desk: Desk, provider: Provider) -> None:
    """rule B11, promise C4: who of the provider's people it was is not the customer's matter, what the
    customer wrote is not the provider's; administrators are told all, others that there is no booking."""
    own, owner = desk.hold(provider, "10:00"), member_of(provider)
    desk.cancel(own, reason="ill")
    called_off = desk.hold(provider, "12:00")
    desk.cancel_for_provider(called_off, owner, reason="snow")
    by_customer = {
        caller.user_id: _history(desk, own, caller)[-1] for caller in (customer_of(own), owner, ADMIN)
    }
    assert [one["note"] for one in by_customer.values()] == ["ill", None, "ill"]
    assert {one["actor_id"] for one in by_customer.values()} == {own["customer_id"]}
    readers = (customer_of(called_off), owner, ADMIN)
    by_provider = [_history(desk, called_off, caller)[-1] for caller in readers]
    assert [one["note"] for one in by_provider] == ["snow"] * 3
    assert [one["actor_id"] for one in by_provider] == [None, owner.user_id, owner.user_id]
    assert by_provider[0]["starts_at"] == called_off["starts_at"]
    assert by_provider[0]["staff_id"] == called_off["staff_id"]
    assert _history(desk, own, one_of_staff(provider))[0]["reason"] == "held"
    for stranger in (somebody(), member_of(desk.open_provider()), Caller()):
        with pytest.raises(ServiceError, match="not_found"):
            _history(desk, own, stranger)
