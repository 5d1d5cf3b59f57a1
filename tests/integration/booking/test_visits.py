"""Which visits a calendar is told of, and whose."""

from datetime import timedelta
from typing import Any

import pytest

from services.booking.usecases import read_visits
from services.booking.usecases.read_visits import get_visit, list_visits
from shared.contracts.booking_visit_forms import ListVisitsRequestSchema, VisitSchema, VisitsSchema
from shared.contracts.declaration import Caller, read, write
from shared.errors import ServiceError
from shared.ids import new_id
from tests.integration.booking.conftest import MoveClock
from tests.integration.booking.desk import Desk, Provider, customer_of, member_of, one_of_staff, somebody
from tests.integration.booking.ledger import Ledger

Booking = dict[str, Any]


def _listed(desk: Desk, caller: Caller, *places: tuple[str, str | None]) -> list[dict[str, Any]]:
    workplaces = [{"provider_id": provider_id, "staff_id": staff_id} for provider_id, staff_id in places]
    request = read(ListVisitsRequestSchema, {"workplaces": workplaces})
    answer = list_visits(desk.transaction, request, caller)
    write(VisitsSchema, answer)
    visits: list[dict[str, Any]] = answer["visits"]
    return visits


def _ids(desk: Desk, caller: Caller, *places: tuple[str, str | None]) -> list[str]:
    return [visit["visit_id"] for visit in _listed(desk, caller, *places)]


def _opens(desk: Desk, booking: Booking, caller: Caller) -> bool:
    try:
        get_visit(desk.transaction, {"booking_id": booking["booking_id"]}, caller)
    except ServiceError as refused:
        return refused.code != "not_found"
    return True


def _agreed(desk: Desk, provider: Provider, start: str, caller: Caller, **members: Any) -> Booking:
    booking = desk.hold(provider, start, caller, **members)
    desk.payment_succeeds(booking)
    return booking


def test_a_visit_is_told_as_a_calendar_shows_it(desk: Desk) -> None:
    """promise C8, rule T16: the version rises with every change and the id stays; no notes, no price."""
    provider = desk.open_provider(zone="America/New_York")
    booking = _agreed(desk, provider, "10:00", somebody(), notes="ring twice")
    [confirmed] = _listed(desk, customer_of(booking))
    assert confirmed == get_visit(
        desk.transaction, {"booking_id": booking["booking_id"]}, customer_of(booking)
    )
    write(VisitSchema, confirmed)
    assert (confirmed["version"], confirmed["state"]) == (2, "confirmed")
    assert confirmed["visit_id"] == booking["booking_id"]
    for name in ("place", "starts_at", "ends_at", "local_date", "local_time", "utc_offset", "time_zone"):
        assert confirmed[name] == booking[name]
    assert confirmed["staff_name"] == {"en": "Sam", "ar": "سام"}
    assert not {"notes", "quote", "customer_id"} & confirmed.keys()
    desk.cancel(booking)
    [cancelled] = _listed(desk, customer_of(booking))
    assert (cancelled["visit_id"], cancelled["version"]) == (booking["booking_id"], 3)
    assert cancelled["state"] == "cancelled"
    assert cancelled["changed_at"] > confirmed["changed_at"] > confirmed["created_at"]


def test_what_was_never_agreed_is_in_no_calendar(desk: Desk, move_clock: MoveClock) -> None:
    """promise C8: a hold that waits for money, that ended, or that was let go; each is still a file."""
    provider, caller = desk.open_provider(), somebody()
    held = desk.hold(provider, "09:00", caller)
    let_go = desk.hold(provider, "10:00", caller)
    desk.cancel(let_go)
    assert _ids(desk, caller) == []
    with move_clock(timedelta(hours=1)):
        desk.hold(provider, "09:00")
        assert _ids(desk, caller) == []
    states = {
        booking["booking_id"]: get_visit(desk.transaction, {"booking_id": booking["booking_id"]}, caller)
        for booking in (held, let_go)
    }
    assert [visit["state"] for visit in states.values()] == ["expired", "cancelled"]


def test_what_was_asked_of_a_provider_stays_when_it_is_let_go(desk: Desk, ledger: Ledger) -> None:
    """promise C8, rule T16: it was an entry while it waited for the answer, so its end is told."""
    provider, caller = desk.open_provider(), somebody()
    asked = desk.hold(provider, "10:00", caller)
    ledger.run("UPDATE booking SET pending_for = 'provider' WHERE id = :id", id=asked["booking_id"])
    assert [visit["state"] for visit in _listed(desk, caller)] == ["pending"]
    desk.cancel(asked)
    assert [visit["state"] for visit in _listed(desk, caller)] == ["cancelled"]


def test_nobody_sees_another_s_visits(desk: Desk) -> None:
    """promise C8, rule B11: the own, in order, and no more; one visit for those concerned only."""
    provider = desk.open_provider(staff=2)
    mine, theirs = somebody(), somebody()
    second = _agreed(desk, provider, "12:00", mine)
    first = _agreed(desk, provider, "09:00", mine)
    other = _agreed(desk, provider, "10:00", theirs)
    assert _ids(desk, mine) == [first["booking_id"], second["booking_id"]]
    assert _ids(desk, theirs) == [other["booking_id"]]
    request = {"booking_id": other["booking_id"]}
    admin = Caller(user_id=new_id(), roles=("admin",))
    for caller in (theirs, member_of(provider), admin):
        assert get_visit(desk.transaction, request, caller)["visit_id"] == other["booking_id"]
    for caller in (mine, member_of(desk.open_provider()), Caller()):
        with pytest.raises(ServiceError) as refused:
            get_visit(desk.transaction, request, caller)
        assert refused.value.code == "not_found"
    with pytest.raises(ServiceError):
        _listed(desk, Caller())


def test_a_member_sees_the_workplace(desk: Desk) -> None:
    """rule B11: a whole provider or one of its staff; of a provider that is not the caller's nothing."""
    provider, elsewhere = desk.open_provider(staff=2), desk.open_provider()
    sam, kim = provider.staff
    with_sam = _agreed(desk, provider, "10:00", somebody(), staff_id=sam)
    with_kim = _agreed(desk, provider, "11:00", somebody(), staff_id=kim)
    member = member_of(provider)
    own = _agreed(desk, elsewhere, "09:00", member)
    all_of_it = [own["booking_id"], with_sam["booking_id"], with_kim["booking_id"]]
    assert _ids(desk, member, (provider.provider_id, None)) == all_of_it
    assert _ids(desk, member, (provider.provider_id, kim)) == [own["booking_id"], with_kim["booking_id"]]
    assert _ids(desk, member) == [own["booking_id"]]
    with pytest.raises(ServiceError) as refused:
        _ids(desk, member, (provider.provider_id, None), (elsewhere.provider_id, None))
    assert refused.value.code == "not_found"


def test_one_of_the_staff_sees_what_they_do(desk: Desk, ledger: Ledger) -> None:
    """rule B11: alone or with others, nothing else of the provider; who is not known as what sees nothing."""
    provider = desk.open_provider(staff=3)
    sam, kim, _ = provider.staff
    with_sam = _agreed(desk, provider, "10:00", somebody(), staff_id=sam)
    with_kim = _agreed(desk, provider, "11:00", somebody(), staff_id=kim)
    _rule(ledger, provider, staff_count=2)
    with_two = _agreed(desk, provider, "14:00", somebody(), staff_id=sam)
    second = ledger.one(
        "SELECT resource_id::text FROM further_resource WHERE booking_id = :id", id=with_two["booking_id"]
    )
    own = {staff_id: one_of_staff(provider, number) for number, staff_id in enumerate(provider.staff)}
    opened = {
        staff_id: [one["booking_id"] for one in (with_sam, with_kim, with_two) if _opens(desk, one, caller)]
        for staff_id, caller in own.items()
    }
    assert opened[sam] == [with_sam["booking_id"], with_two["booking_id"]]
    assert with_two["booking_id"] in opened[second]
    assert opened == {
        staff_id: _ids(desk, caller, (provider.provider_id, staff_id)) for staff_id, caller in own.items()
    }
    unknown = Caller(user_id=new_id(), memberships=(provider.provider_id,))
    assert not _opens(desk, with_sam, unknown)
    for caller, place in ((one_of_staff(provider), None), (one_of_staff(provider), kim), (unknown, sam)):
        with pytest.raises(ServiceError) as refused:
            _ids(desk, caller, (provider.provider_id, place))
        assert refused.value.code == "not_found"


def test_a_visit_is_listed_once(desk: Desk) -> None:
    """Whoever books at the own workplace has one entry of it."""
    provider = desk.open_provider()
    member = member_of(provider)
    booking = _agreed(desk, provider, "10:00", member)
    assert _ids(desk, member, (provider.provider_id, None)) == [booking["booking_id"]]


def test_a_visit_of_two_people_is_in_both_calendars(desk: Desk, ledger: Ledger) -> None:
    """promise C8: whoever of them the booking names first."""
    provider = desk.open_provider(staff=3)
    _rule(ledger, provider, staff_count=2)
    booking = _agreed(desk, provider, "10:00", somebody(), staff_id=provider.staff[0])
    member = member_of(provider)
    ids = {staff_id: _ids(desk, member, (provider.provider_id, staff_id)) for staff_id in provider.staff}
    assert ids[provider.staff[0]] == [booking["booking_id"]]
    assert sorted(map(len, ids.values())) == [0, 1, 1]


def test_a_session_is_one_entry_at_work(desk: Desk, ledger: Ledger) -> None:
    """promise C8, rule T16: it rises with whatever happens to a seat; each customer has their own."""
    provider = desk.open_provider()
    _rule(ledger, provider, capacity=3)
    member, place = member_of(provider), (provider.provider_id, None)
    first, second = somebody(), somebody()
    one = _agreed(desk, provider, "10:00", first)
    [of_one] = _listed(desk, member, place)
    two = _agreed(desk, provider, "10:00", second)
    [of_two] = _listed(desk, member, place)
    desk.cancel(one)
    [left] = _listed(desk, member, place)
    desk.cancel(two)
    [gone] = _listed(desk, member, place)
    seen = [of_one, of_two, left, gone]
    assert len({entry["visit_id"] for entry in seen}) == 1
    assert [(entry["seats_taken"], entry["seats"]) for entry in seen] == [(1, 3), (2, 3), (1, 3), (0, 3)]
    assert [entry["state"] for entry in seen] == ["confirmed", "confirmed", "confirmed", "cancelled"]
    versions = [entry["version"] for entry in seen]
    assert versions == sorted(set(versions))
    [own] = _listed(desk, second)
    assert (own["visit_id"], own["seats"], own["state"]) == (two["booking_id"], None, "cancelled")


@pytest.mark.parametrize("opened", ["now", "by a release before"])
def test_a_session_goes_on_when_who_has_opened_it_cancels(desk: Desk, ledger: Ledger, opened: str) -> None:
    """promise C8, rule T16: the session's entry is not the booking of whoever came first, also where that
    is the owner, who has an entry of both; a session may have the id of that booking."""
    provider = desk.open_provider()
    _rule(ledger, provider, capacity=3)
    owner, place = member_of(provider), (provider.provider_id, None)
    first = _agreed(desk, provider, "10:00", owner)
    if opened == "by a release before":
        for table in ("booking", "allocation"):
            column = "id" if table == "booking" else "booking_id"
            ledger.run(
                f"UPDATE {table} SET session_id = {column} WHERE {column} = :id", id=first["booking_id"]
            )
    second = _agreed(desk, provider, "10:00", somebody())
    desk.cancel(first, owner)
    listed = {entry["visit_id"]: entry for entry in _listed(desk, owner, place)}
    own = listed.pop(first["booking_id"])
    [session] = listed.values()
    assert (own["state"], own["seats"]) == ("cancelled", None)
    assert (session["state"], session["seats_taken"]) == ("confirmed", 1)
    assert session["visit_id"] != second["booking_id"]


@pytest.mark.parametrize("limit", ["PAST_VISITS", "COMING_VISITS"])
def test_a_long_list_does_not_end_within_a_session(
    desk: Desk, ledger: Ledger, move_clock: MoveClock, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """rule T16: visits nearer to now push a session out of the list as a whole; its version never falls."""
    provider = desk.open_provider()
    _rule(ledger, provider, capacity=3)
    member, place = member_of(provider), (provider.provider_id, None)
    for _ in range(3):
        _agreed(desk, provider, "12:00", somebody())
    nearer = "10:00" if limit == "COMING_VISITS" else "14:00"
    monkeypatch.setattr(read_visits, limit, 3)
    with move_clock(timedelta(days=11 if limit == "PAST_VISITS" else 0)):
        [whole] = _listed(desk, member, place)
    _agreed(desk, provider, nearer, somebody())
    with move_clock(timedelta(days=11 if limit == "PAST_VISITS" else 0)):
        listed = {entry["visit_id"]: entry for entry in _listed(desk, member, place)}
    assert len(listed) == 2
    assert listed[whole["visit_id"]] == whole


def test_the_past_is_listed_for_some_weeks(desk: Desk, ledger: Ledger, move_clock: MoveClock) -> None:
    provider, caller = desk.open_provider(), somebody()
    booking = _agreed(desk, provider, "10:00", caller)
    ledger.run("UPDATE booking SET state = 'completed' WHERE id = :id", id=booking["booking_id"])
    with move_clock(timedelta(days=39)):
        assert _ids(desk, caller) == [booking["booking_id"]]
    with move_clock(timedelta(days=41)):
        assert _ids(desk, caller) == []


def _rule(ledger: Ledger, provider: Provider, *, capacity: int = 1, staff_count: int = 1) -> None:
    """A rule of the provider's first service."""
    ledger.run(
        "INSERT INTO service_rules (service_id, provider_id, capacity, staff_count, places) "
        "VALUES (:service, :provider, :capacity, :staff_count, ARRAY['provider'])",
        service=provider.services[0],
        provider=provider.provider_id,
        capacity=capacity,
        staff_count=staff_count,
    )
