"""Visits that take more than one person's time: rooms, several people, sessions, caps, places."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.booking.usecases.expiry import sweep_expired_holds
from services.booking.usecases.explanations import explain_availability
from services.booking.usecases.free_providers import find_free_providers
from shared.contracts import booking as contract
from shared.contracts.booking_times_forms import ExplainRequestSchema
from shared.contracts.declaration import read
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import ADDRESS, Desk, Provider, windows
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import ProviderDesk

MANY = 8


def _refusal(desk: Desk, provider: Provider, start: str = "10:00", **members: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        desk.hold(provider, start, **members)
    return refused.value


def _explained(desk: Desk, provider: Provider, time: str, **members: Any) -> dict[str, Any]:
    request = {
        "provider_id": provider.provider_id,
        "service_id": provider.services[members.pop("service", 0)],
        "date": desk.day.isoformat(),
        "time": time,
        **members,
    }
    return explain_availability(desk.transaction, read(ExplainRequestSchema, request))


def _rules(explained: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in explained["reasons"]]


def _at_once(
    desk: Desk, provider: Provider, number: int, **members: Any
) -> list[dict[str, Any] | ServiceError]:
    def one(_: int) -> dict[str, Any] | ServiceError:
        try:
            return desk.hold(provider, **members)
        except ServiceError as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_a_room_that_two_services_share(desk: Desk, transaction: Transaction, ledger: Ledger) -> None:
    """rule C9: carer and room, all or nothing; who is refused learns that it is the room."""
    provider = desk.open_provider(staff=2)
    owner = ProviderDesk(transaction, provider)
    room = owner.rooms()
    for service in (0, 1):
        owner.service_rules(service, needs=[{"resource_id": room}])
    booking = desk.hold(provider, "10:00", service=0)
    assert ledger.allocations(booking["booking_id"]) == 2
    error = _refusal(desk, provider, "10:30", service=1)
    assert (error.code, error.details["reason"]) == ("resource_busy", "resource_busy")
    assert error.details["alternatives"]
    assert "10:30" not in desk.free_times(provider, service=1)
    explained = _explained(desk, provider, "10:30", service=1)
    assert [(one["rule"], one["resource_id"]) for one in explained["reasons"]] == [("resource_busy", room)]
    desk.cancel(booking)
    desk.hold(provider, "10:30", service=1)


@pytest.mark.parametrize("rooms", [1, 3])
def test_of_all_who_want_the_rooms_at_once_as_many_get_one_as_there_are(
    desk: Desk, transaction: Transaction, ledger: Ledger, rooms: int
) -> None:
    """rule C9, promise C2: in one transaction, locked in one order: no deadlock, no half of a visit."""
    provider = desk.open_provider(staff=4)
    owner = ProviderDesk(transaction, provider)
    owner.service_rules(needs=[{"resource_id": owner.rooms(rooms)}])
    results = _at_once(desk, provider, MANY)
    held = [one for one in results if isinstance(one, dict)]
    assert len(held) == rooms
    assert {one.code for one in results if isinstance(one, ServiceError)} == {"resource_busy"}
    assert all(ledger.allocations(booking["booking_id"]) == 2 for booking in held)
    assert len({booking["staff_id"] for booking in held}) == rooms


def test_two_people_do_it_together(desk: Desk, transaction: Transaction, ledger: Ledger) -> None:
    """rule C9: both are taken, and both are free again."""
    provider = desk.open_provider(staff=3)
    ProviderDesk(transaction, provider).service_rules(staff_count=2)
    booking = desk.hold(provider, "10:00", staff_id=provider.staff[2])
    assert booking["staff_id"] == provider.staff[2]
    assert ledger.allocations(booking["booking_id"]) == 2
    assert _refusal(desk, provider, "10:00").code == "slot_taken"
    assert desk.hold(provider, "10:00", service=1)["staff_id"] in provider.staff[:2]
    desk.cancel(booking)
    assert ledger.allocations(booking["booking_id"]) == 0


def test_the_first_two_customers_open_one_session(
    desk: Desk, transaction: Transaction, ledger: Ledger
) -> None:
    """rule C10 and promise C6: of all who come at once, as many as there are seats get one, in one session
    while it has room; anyone would do, so a second opens only when the first is full."""
    provider = desk.open_provider(staff=2)
    ProviderDesk(transaction, provider).service_rules(capacity=3)
    results = _at_once(desk, provider, MANY)
    held = [one for one in results if isinstance(one, dict)]
    assert len(held) == 6
    assert {one.code for one in results if isinstance(one, ServiceError)} == {"session_full"}
    by_staff = {staff_id: [one for one in held if one["staff_id"] == staff_id] for staff_id in provider.staff}
    assert [len(of_one) for of_one in by_staff.values()] == [3, 3]
    sessions = ledger.rows(
        "SELECT session_id, count(*), count(DISTINCT seat) FROM allocation "
        "WHERE resource_id = ANY(CAST(:staff AS uuid[])) GROUP BY session_id",
        staff=[*provider.staff],
    )
    assert [tuple(row)[1:] for row in sessions] == [(3, 3), (3, 3)]


def test_a_session_fills_and_a_seat_is_free_again(desk: Desk, transaction: Transaction) -> None:
    """promise C6: seats left are shown, the full session is explained, a cancelled seat is free at once."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=2)
    first = desk.hold(provider, "10:00")
    slot = next(one for one in desk.availability(provider)["slots"] if one["local_time"] == "10:00")
    assert slot["seats_left"] == 1
    second = desk.hold(provider, "10:00")
    assert second["staff_id"] == first["staff_id"]
    assert _refusal(desk, provider, "10:00").code == "session_full"
    [reason] = _explained(desk, provider, "10:00")["reasons"]
    assert (reason["rule"], reason["taken"], reason["capacity"]) == ("session_full", 2, 2)
    assert _rules(_explained(desk, provider, "10:30")) == ["held"]
    desk.cancel(first)
    desk.hold(provider, "10:00")
    desk.cancel(second)


def test_the_database_refuses_one_seat_too_many(desk: Desk, transaction: Transaction, ledger: Ledger) -> None:
    """rule C10: a seat twice, or one that the session has not, is refused whatever the code does."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=2)
    booking = desk.hold(provider)
    copy = (
        "INSERT INTO allocation (id, booking_id, resource_id, blocked, session_id, seat, seats) "
        "SELECT gen_random_uuid(), booking_id, resource_id, blocked, session_id, {seat}, seats "
        "FROM allocation WHERE booking_id = :id"
    )
    for seat, refused_by in ((1, "ix_allocation_seat"), (3, "ck_allocation_seat")):
        with pytest.raises(IntegrityError, match=refused_by):
            ledger.run(copy.format(seat=seat), id=booking["booking_id"])


def test_an_ended_hold_frees_its_seat_for_whoever_wants_it(
    desk: Desk, transaction: Transaction, move_clock: MoveClock
) -> None:
    """rule C7: the sweeper has not come by; the seat counts no more, for new customers and late money."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(capacity=2)
    late, paid = desk.hold(provider), desk.hold(provider)
    desk.payment_succeeds(paid)
    with move_clock(timedelta(minutes=16)):
        slot = next(one for one in desk.availability(provider)["slots"] if one["local_time"] == "10:00")
        assert slot["seats_left"] == 1
        desk.hold(provider)
        desk.payment_succeeds(late)


def test_late_money_takes_room_and_carer_again(
    desk: Desk, transaction: Transaction, ledger: Ledger, move_clock: MoveClock
) -> None:
    """rule C9: all of what it had, or the money goes back."""
    provider = desk.open_provider()
    owner = ProviderDesk(transaction, provider)
    owner.service_rules(needs=[{"resource_id": owner.rooms()}])
    booking = desk.hold(provider)
    with move_clock(timedelta(minutes=16)):
        sweep_expired_holds(transaction)
        assert ledger.allocations(booking["booking_id"]) == 0
        desk.payment_succeeds(booking)
        assert ledger.state(booking["booking_id"]) == "confirmed"
        assert ledger.allocations(booking["booking_id"]) == 2


def test_caps_hold_for_all_who_come_at_once(desk: Desk, transaction: Transaction) -> None:
    """promise F3: at other times too, as many visits a day as the service, or the person, has."""
    provider = desk.open_provider(staff=4)
    ProviderDesk(transaction, provider).service_rules(day_cap=2)
    results = _at_once(desk, provider, MANY)
    assert sum(isinstance(one, dict) for one in results) == 2
    assert {one.code for one in results if isinstance(one, ServiceError)} == {"day_cap_reached"}
    assert desk.free_times(provider) == []
    capped = desk.open_provider(staff=1)
    ProviderDesk(transaction, capped).staff(0, week_cap=1)
    booking = desk.hold(capped, "10:00")
    assert _refusal(desk, capped, "15:00").code == "week_cap_reached"
    assert _rules(_explained(desk, capped, "15:00")) == ["week_cap"]
    desk.cancel(booking)
    desk.hold(capped, "15:00")


def test_who_has_least_to_do_comes_first_then_who_was_idle_for_longest(
    desk: Desk, transaction: Transaction
) -> None:
    """rule C11 and promise C7: fewest visits that day; of those, whose last one is longest ago."""
    provider = desk.open_provider(staff=3)
    yesterday = (desk.day - timedelta(days=1)).isoformat()
    early, late, none = provider.staff
    desk.hold(provider, "09:00", staff_id=early, booking_date=yesterday)
    desk.hold(provider, "15:00", staff_id=late, booking_date=yesterday)
    order = [desk.hold(provider, start)["staff_id"] for start in ("09:00", "11:00", "13:00", "15:00")]
    assert order == [none, early, late, none]


def test_an_ended_hold_is_no_work(desk: Desk, transaction: Transaction, move_clock: MoveClock) -> None:
    """rules C7 and C11: the sweeper has not come by; who nearly had a visit that day has none."""
    provider = desk.open_provider(staff=2)
    first, second = provider.staff
    desk.payment_succeeds(desk.hold(provider, "09:00", staff_id=second))
    for start in ("11:00", "13:00"):
        desk.hold(provider, start, staff_id=first)
    with move_clock(timedelta(minutes=16)):
        booking = desk.hold(provider, "15:00")
        assert booking["staff_id"] == first
        desk.cancel(booking)


def test_a_service_is_given_at_some_places(desk: Desk, transaction: Transaction) -> None:
    """promise C7: the first is meant when none is named; another is refused with those that there are."""
    provider = desk.open_provider()
    ProviderDesk(transaction, provider).service_rules(places=["customer", "online"])
    assert desk.hold(provider, "10:00", address=ADDRESS)["place"] == "customer"
    assert desk.hold(provider, "12:00", place="online")["place"] == "online"
    error = _refusal(desk, provider, "14:00", place="provider")
    assert (error.code, error.details["places"]) == ("place_not_offered", ["customer", "online"])
    assert list(error.details["errors"]) == ["place"]


def _days(first: date, last: date) -> dict[str, Any]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def test_a_range_of_days_is_one_question(desk: Desk) -> None:
    """promise C1: each day as it would be alone; 62 at most."""
    provider = desk.open_provider(opening_hours=windows("09:00", "11:00"), slot_grid_minutes=60)
    desk.hold(provider, "09:00")
    day = timedelta(days=1)
    last = desk.day + 61 * day
    found = desk.availability(provider, None, date=None, **_days(desk.day, last))
    assert (found["date"], found["slots"], len(found["days"])) == (None, [], 62)
    assert [slot["local_time"] for slot in found["days"][0]["slots"]] == ["10:00"]
    assert [slot["local_time"] for slot in found["days"][1]["slots"]] == ["09:00", "10:00"]
    for to, code in ((last + day, "range_too_long"), (desk.day - day, "validation_failed")):
        with pytest.raises(ServiceError) as refused:
            desk.availability(provider, None, date=None, **_days(desk.day, to))
        assert (refused.value.code, list(refused.value.details["errors"])) == (code, ["to"])


def test_a_refused_time_is_explained_with_the_nearest(desk: Desk) -> None:
    """rule B16: a free time has no reason; a held one says until when; nobody is named."""
    provider = desk.open_provider(slot_grid_minutes=30)
    free = _explained(desk, provider, "10:00")
    assert (free["is_free"], free["reasons"]) == (True, [])
    booking = desk.hold(provider, "10:00")
    held = _explained(desk, provider, "10:00")
    [reason] = held["reasons"]
    assert (reason["rule"], reason["code"]) == ("held", "slot_taken")
    assert abs(reason["until"] - booking["hold_expires_at"]) < timedelta(seconds=2)
    assert [slot["local_time"] for slot in held["alternatives"][:2]] == ["09:00", "11:00"]
    assert booking["customer_id"] not in str(held)
    assert _rules(_explained(desk, provider, "08:00")) == ["closed"]
    assert _rules(_explained(desk, provider, "10:10")) == ["off_grid", "held"]


def test_who_is_free_on_a_day(desk: Desk, transaction: Transaction) -> None:
    """promise B1 and rule B19: of many providers those with a free start of a service that is asked about."""
    busy = desk.open_provider(opening_hours=windows("09:00", "10:00"), slot_grid_minutes=60)
    free, closed = desk.open_provider(), desk.open_provider(opening_hours=[])
    desk.hold(busy, "09:00")
    wanted = [
        {"provider_id": one.provider_id, "service_ids": list(one.services)} for one in (busy, free, closed)
    ]
    request = {"date": desk.day.isoformat(), "wanted": wanted}
    answer = find_free_providers(transaction, read(contract.FIND_FREE_PROVIDERS.request, request))
    assert [one["provider_id"] for one in answer["free"]] == [free.provider_id]
    assert answer["free"][0]["local_time"] == "09:00"
