"""What a provider says of a visit, and what is done when nobody says anything."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.booking.usecases.complete_overdue import complete_overdue
from shared import clock
from shared.contracts.declaration import Caller
from shared.database.transaction import Database
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import (
    Desk,
    Provider,
    customer_of,
    member_of,
    one_of_staff,
    somebody,
)
from tests.integration.booking.ledger import Ledger

GRACE = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider()


@pytest.fixture(autouse=True)
def _nothing_is_agreed(ledger: Ledger) -> None:
    """Other tests' visits would be completed too."""
    ledger.run("DELETE FROM allocation")
    ledger.run("UPDATE booking SET state = 'cancelled' WHERE state IN ('confirmed', 'in_progress')")


def _agreed(desk: Desk, provider: Provider, start: str = "10:00") -> dict[str, Any]:
    booking = desk.hold(provider, start)
    paid = desk.payment_succeeds(booking)
    return {**booking, "payment_id": paid.data["payment_id"]}


def _until(instant: datetime) -> timedelta:
    return instant - clock.now()


def test_a_visit_begins_and_is_over_when_its_provider_says_so(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C4: in progress it blocks its time, over it does not; each with who and why, each told once."""
    booking, member = _agreed(desk, provider), member_of(provider)
    booking_id = booking["booking_id"]
    with move_clock(_until(booking["starts_at"]) - timedelta(minutes=29)):
        key = new_id()
        started = desk.start(booking, member, idempotency_key=key)
        assert desk.start(booking, member, idempotency_key=key) == started
        assert (started["state"], started["version"]) == ("in_progress", 3)
        assert ledger.allocations(booking_id) == 1
    with move_clock(_until(booking["starts_at"]) + timedelta(minutes=30)):
        completed = desk.complete(booking, member)
        assert (completed["state"], completed["version"]) == ("completed", 4)
    assert ledger.allocations(booking_id) == 0
    assert ledger.history(booking_id)[2:] == [
        (3, "confirmed", "in_progress", "provider", "started"),
        (4, "in_progress", "completed", "provider", "completed"),
    ]
    told = ledger.event_names(provider.provider_id)
    assert told[-3:] == ["booking_started", "booking_completed", "availability_changed"]
    assert ledger.one(
        "SELECT actor_id::text FROM booking_history WHERE booking_id = :id AND version = 4", id=booking_id
    ) == (member.user_id)


def test_a_visit_whose_beginning_nobody_told_is_completed_all_the_same(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C4: nothing is said of a beginning that nobody saw; a time that has passed is nobody's news."""
    booking = _agreed(desk, provider)
    with move_clock(_until(booking["ends_at"]) + SECOND):
        assert desk.complete(booking, member_of(provider))["state"] == "completed"
    assert ledger.history(booking["booking_id"])[-1][1:3] == ("confirmed", "completed")
    assert ledger.event_names(provider.provider_id)[-1] == "booking_completed"


def test_nothing_is_said_of_a_visit_too_early(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C4: it begins half an hour before its time at most, and is not over before its time."""
    booking, member = _agreed(desk, provider), member_of(provider)
    for early, say in ((timedelta(minutes=31), desk.start), (timedelta(minutes=1), desk.complete)):
        with move_clock(_until(booking["starts_at"]) - early), pytest.raises(ServiceError) as refused:
            say(booking, member)
        assert refused.value.code == "too_early"
    assert ledger.state(booking["booking_id"]) == "confirmed"


def test_only_who_acts_for_the_provider_says_so(desk: Desk, provider: Provider, ledger: Ledger) -> None:
    """rule B11: for everybody else the visit does not exist; its customer can't complete it either."""
    booking = _agreed(desk, provider)
    admin = Caller(user_id=new_id(), roles=("admin",))
    others = (somebody(), customer_of(booking), member_of(desk.open_provider()), admin, Caller())
    for say in (desk.start, desk.complete, desk.cancel_for_provider):
        for caller in others:
            with pytest.raises(ServiceError) as refused:
                say(booking, caller)
            assert refused.value.code == "not_found"
    assert ledger.state(booking["booking_id"]) == "confirmed"


def test_one_of_the_staff_says_so_of_what_they_do_themselves(
    desk: Desk, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise H2: not of a colleague's visit; whether money goes back is the owner's to say alone."""
    agency = desk.open_provider(staff=2)
    booking = _agreed(desk, agency)
    doer = agency.staff.index(booking["staff_id"])
    itself, colleague = one_of_staff(agency, doer), one_of_staff(agency, 1 - doer)
    unknown = Caller(user_id=new_id(), memberships=(agency.provider_id,))
    with move_clock(_until(booking["starts_at"])):
        refused = [(say, who) for say in (desk.start, desk.complete) for who in (colleague, unknown)]
        refused += [(desk.cancel_for_provider, who) for who in (itself, colleague, unknown)]
        for say, who in refused:
            with pytest.raises(ServiceError, match="forbidden"):
                say(booking, who)
        assert ledger.state(booking["booking_id"]) == "confirmed"
        assert desk.start(booking, itself)["state"] == "in_progress"
        assert desk.complete(booking, itself)["state"] == "completed"


def test_a_provider_who_cancels_gives_everything_back(
    desk: Desk, provider: Provider, ledger: Ledger, move_clock: MoveClock
) -> None:
    """promise C6, rule C14: 100 % and the tip whatever the notice, less what went back before; the time is
    free; also after the start, when nobody came, but not once the visit has begun."""
    member = member_of(provider)
    late, missed, begun = (_agreed(desk, provider, start) for start in ("10:00", "12:00", "14:00"))
    desk.payment_refunded(late, 1000, 0, payment_id=late["payment_id"], version=2)
    with move_clock(_until(late["starts_at"]) - timedelta(minutes=1)):
        cancelled = desk.cancel_for_provider(late, member, reason="ill")
    assert (cancelled["state"], cancelled["cancel_cause"]) == ("cancelled", "provider")
    assert cancelled["refund"] == {
        "refund_percent": 100,
        "tip_percent": 100,
        "service_refund": {"amount": 9000, "currency": "USD"},
        "tip_refund": {"amount": 500, "currency": "USD"},
    }
    history = ledger.history(late["booking_id"])
    assert history[-1][1:] == ("confirmed", "cancelled", "provider", "provider_cancelled")
    assert ledger.event_names(provider.provider_id)[-2:] == ["booking_cancelled", "availability_changed"]
    with move_clock(_until(missed["starts_at"]) + timedelta(minutes=30)):
        assert desk.cancel_for_provider(missed, member)["refund"]["refund_percent"] == 100
    with move_clock(_until(begun["starts_at"])):
        desk.start(begun, member)
        with pytest.raises(ServiceError) as refused:
            desk.cancel_for_provider(begun, member)
    assert refused.value.code == "booking_state_conflict"


def test_a_day_after_its_end_a_visit_took_place_when_nobody_said_otherwise(
    desk: Desk, provider: Provider, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """promise C4: confirmed or begun, not a moment too early; what was cancelled or waits stays as it is."""
    untold, begun, called_off = (_agreed(desk, provider, start) for start in ("10:00", "11:00", "14:00"))
    member = member_of(provider)
    desk.cancel_for_provider(called_off, member)
    with move_clock(_until(begun["starts_at"])):
        desk.start(begun, member)
    with move_clock(_until(untold["ends_at"]) + GRACE - timedelta(seconds=15)):
        assert complete_overdue(database.transaction, GRACE) == 0
    with move_clock(_until(begun["ends_at"]) + GRACE + SECOND):
        assert complete_overdue(database.transaction, GRACE) == 2
        assert complete_overdue(database.transaction, GRACE) == 0
    for booking in (untold, begun):
        assert ledger.history(booking["booking_id"])[-1][2:] == ("completed", "system", "nobody_objected")
    assert ledger.state(called_off["booking_id"]) == "cancelled"
    assert ledger.event_names(provider.provider_id).count("booking_completed") == 2


def test_payment_is_told_the_very_moment_at_which_a_visit_counts_as_done(
    desk: Desk, provider: Provider, database: Database, move_clock: MoveClock
) -> None:
    """promise C4, rule M15: the grace is known here alone; a hold on a card is made for no other moment."""
    booking = desk.hold(provider, "10:00")
    done_by = desk.prepare(booking)["done_by"]
    assert done_by == booking["ends_at"] + desk.settings.complete_grace
    desk.payment_succeeds(booking)
    with move_clock(_until(done_by) - timedelta(seconds=15)):
        assert complete_overdue(database.transaction, desk.settings.complete_grace) == 0
    with move_clock(_until(done_by) + SECOND):
        assert complete_overdue(database.transaction, desk.settings.complete_grace) == 1


def test_several_processes_complete_each_visit_once(
    desk: Desk, ledger: Ledger, database: Database, move_clock: MoveClock
) -> None:
    """promise C4: each takes other rows."""
    providers = [desk.open_provider() for _ in range(3)]
    agreed = [_agreed(desk, provider, start) for provider in providers for start in ("09:00", "10:00")]
    later = _until(agreed[-1]["ends_at"]) + GRACE + SECOND
    with move_clock(later), ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(lambda _: complete_overdue(database.transaction, GRACE), range(4)))
    assert done == len(agreed)
    assert all(len(ledger.history(booking["booking_id"])) == 3 for booking in agreed)


def test_a_providers_bookings_are_listed_by_their_visits(
    desk: Desk, provider: Provider, move_clock: MoveClock
) -> None:
    """promise F3, rule B11: to come, the next first; over, the last first; page by page, for its people."""
    first, second, third = (_agreed(desk, provider, start) for start in ("10:00", "12:00", "14:00"))
    member, admin = member_of(provider), Caller(user_id=new_id(), roles=("admin",))
    page = desk.provider_bookings(provider, member, limit=2)
    assert _ids(page) == [first["booking_id"], second["booking_id"]]
    rest = desk.provider_bookings(provider, member, limit=2, cursor=page["next"])
    assert (_ids(rest), rest["next"]) == ([third["booking_id"]], None)
    assert _ids(desk.provider_bookings(provider, member, visits="past")) == []
    with move_clock(_until(second["ends_at"]) + SECOND):
        assert _ids(desk.provider_bookings(provider, admin)) == [third["booking_id"]]
        page = desk.provider_bookings(provider, member, visits="past", limit=1)
        assert _ids(page) == [second["booking_id"]]
        rest = desk.provider_bookings(provider, member, visits="past", limit=1, cursor=page["next"])
        assert (_ids(rest), rest["next"]) == ([first["booking_id"]], None)
    for stranger in (customer_of(first), member_of(desk.open_provider())):
        with pytest.raises(ServiceError) as refused:
            desk.provider_bookings(provider, stranger)
        assert refused.value.code == "not_found"


def _ids(page: dict[str, Any]) -> list[str]:
    return [booking["booking_id"] for booking in page["bookings"]]
