"""What providers change of their supply: once, whole, of their own only, and not behind customers."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import booking as contract
from shared.database.transaction import Transaction
from shared.errors import ServiceError
from shared.ids import new_id
from tests.fixtures.servers import ServiceDatabase
from tests.fixtures.table_lock import table_lock
from tests.integration.booking.desk import Desk, Provider, member_of, somebody
from tests.integration.booking.ledger import Ledger
from tests.integration.booking.provider_desk import COMMANDS, NAME, ProviderDesk, every_day

LEAST: dict[str, dict[str, Any]] = {
    "change_hours": {"windows": []},
    "change_rules": {"slot_step_minutes": 60},
    "change_service_rules": {"service_id": "SERVICE"},
    "put_staff": {"name": NAME},
    "put_resource": {"kind": "room", "name": NAME, "units": [{"name": NAME}]},
    "add_time_off": {"from_date": "2030-01-01", "to_date": "2030-01-02"},
    "remove_time_off": {"time_off_id": new_id()},
}
"""The least that each command takes."""


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.open_provider(staff=2)


@pytest.fixture
def mine(transaction: Transaction, provider: Provider) -> ProviderDesk:
    return ProviderDesk(transaction, provider)


def _refused(mine: ProviderDesk, method: Any, **members: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        mine.do(method, **members)
    return refused.value


@pytest.mark.parametrize("method", COMMANDS, ids=lambda method: method.name)
def test_only_members_change_a_supply(mine: ProviderDesk, provider: Provider, method: Any) -> None:
    """rule B11 and promise H2: for anyone else the provider is not there; booking itself checks it."""
    members = {**LEAST[method.name]}
    if "service_id" in members:
        members["service_id"] = provider.services[0]
    before = mine.supply()
    with pytest.raises(ServiceError) as refused:
        mine.do(method, somebody(), **members)
    assert refused.value.code == "not_found"
    with pytest.raises(ServiceError) as hidden:
        mine.supply(somebody())
    assert hidden.value.code == "not_found"
    assert mine.supply() == before


def test_people_services_and_rooms_of_others_are_refused(
    desk: Desk, mine: ProviderDesk, transaction: Transaction
) -> None:
    """rule B11: no member of another provider's supply is reached through one's own; blamed is the member
    that was sent."""
    other = desk.open_provider()
    room = ProviderDesk(transaction, other).rooms()
    service = mine.provider.services[0]
    for method, member, members in (
        (contract.CHANGE_HOURS, "staff_id", {"staff_id": other.staff[0], "windows": []}),
        (contract.CHANGE_HOURS, "service_id", {"service_id": other.services[0], "windows": []}),
        (contract.CHANGE_SERVICE_RULES, "service_id", {"service_id": other.services[0]}),
        (
            contract.CHANGE_SERVICE_RULES,
            "needs",
            {"service_id": service, "needs": [{"resource_id": room}]},
        ),
        (contract.PUT_STAFF, "staff_id", {"staff_id": other.staff[0], "name": NAME}),
        (contract.PUT_STAFF, "service_ids", {"name": NAME, "service_ids": [other.services[0]]}),
        (contract.PUT_RESOURCE, "resource_id", {**LEAST["put_resource"], "resource_id": room}),
        (contract.ADD_TIME_OFF, "staff_id", {**LEAST["add_time_off"], "staff_id": other.staff[0]}),
    ):
        error = _refused(mine, method, **members)
        assert (error.code, list(error.details["errors"])) == ("validation_failed", [member])


def test_hours_of_a_person_a_service_and_a_date(desk: Desk, mine: ProviderDesk, provider: Provider) -> None:
    """promise F3: what is written is shown, and is what customers find."""
    one, other = provider.staff
    mine.hours([{"weekday": desk.day.isoweekday(), "opens": "10:00", "closes": "12:00"}], staff_id=one)
    assert desk.free_times(provider, staff_id=one) == "10:00 10:15 10:30 10:45 11:00".split()
    mine.hours([], staff_id=other)
    assert desk.free_times(provider, staff_id=other) == []
    mine.hours(every_day("11:00", "13:00"), service_id=provider.services[0])
    assert desk.free_times(provider) == ["11:00"]
    dates = [{"date": desk.day.isoformat(), "windows": [{"opens": "23:00", "closes": "25:00"}]}]
    mine.hours(None, staff_id=one, service_id=provider.services[1], dates=dates)
    slots = desk.availability(provider, service=1, staff_id=one)["slots"]
    assert [slot["local_time"] for slot in slots] == ["23:00", "23:15", "23:30"]
    shown = {(entry["staff_id"], entry["service_id"]): entry for entry in mine.supply()["hours"]}
    assert shown[(other, None)]["windows"] == []
    assert shown[(one, provider.services[1])] == {
        "staff_id": one,
        "service_id": provider.services[1],
        "windows": None,
        "dates": dates,
    }
    mine.hours(None, staff_id=one)
    mine.hours(None, service_id=provider.services[0])
    assert desk.free_times(provider, staff_id=one)[0] == "09:00"


def test_the_week_and_the_dates_change_each_for_itself(
    desk: Desk, mine: ProviderDesk, provider: Provider
) -> None:
    """promise F3: what is not given stays; no windows close the week, and no dates clear them."""
    day = desk.day.isoformat()
    mine.do(contract.CHANGE_HOURS, dates=[{"date": day, "windows": [{"opens": "10:00", "closes": "11:00"}]}])
    assert desk.free_times(provider) == ["10:00"]
    assert desk.free_times(provider, desk.day + timedelta(days=1))[0] == "09:00"
    mine.do(contract.CHANGE_HOURS, windows=[])
    assert desk.free_times(provider) == ["10:00"]
    assert desk.free_times(provider, desk.day + timedelta(days=1)) == []
    mine.do(contract.CHANGE_HOURS, dates=[])
    assert desk.free_times(provider) == []
    one = provider.staff[0]
    mine.hours(every_day("12:00", "13:00"), staff_id=one)
    mine.do(contract.CHANGE_HOURS, staff_id=one, dates=[{"date": day, "windows": []}])
    assert desk.free_times(provider) == []
    mine.do(contract.CHANGE_HOURS, staff_id=one, dates=[])
    assert desk.free_times(provider) == ["12:00"]


def test_rules_and_holidays(desk: Desk, mine: ProviderDesk, provider: Provider) -> None:
    """promise F3: grid, notice, window and the country of holidays; the rest stays as it was."""
    mine.do(contract.CHANGE_RULES, slot_step_minutes=60, buffer_after_minutes=60)
    assert desk.free_times(provider)[:2] == ["09:00", "10:00"]
    mine.service_rules(slot_step_minutes=30, minimum_notice_minutes=60 * 24 * 20)
    assert desk.free_times(provider) == []
    mine.do(contract.CHANGE_RULES, holiday_country="GB", holiday_subdivision="SCT")
    rules = mine.supply()["rules"]
    assert (rules["holiday_country"], rules["holiday_subdivision"]) == ("GB", "SCT")
    assert (rules["slot_step_minutes"], rules["buffer_after_minutes"], rules["window_days"]) == (60, 60, 90)
    mine.do(contract.CHANGE_RULES, holiday_country="")
    assert mine.supply()["rules"]["holiday_country"] is None


def _window(weekday: int, opens: str, closes: str) -> dict[str, Any]:
    return {"windows": [{"weekday": weekday, "opens": opens, "closes": closes}]}


BAD = [
    (
        "change_hours",
        {"windows": [{"weekday": 1, "opens": "12:00", "closes": "12:00"}]},
        "window_empty",
        "windows.0.closes",
    ),
    (
        "change_hours",
        {"windows": [*every_day("09:00", "12:00"), {"weekday": 3, "opens": "11:59", "closes": "13:00"}]},
        "windows_overlap",
        "windows",
    ),
    (
        "change_hours",
        {"dates": [{"date": "2030-01-01", "windows": [{"opens": "10:00", "closes": "09:00"}]}]},
        "window_empty",
        "dates.0.windows.0.closes",
    ),
    (
        "change_hours",
        _window(1, "24:00", "25:00"),
        "validation_failed",
        "windows",
    ),
    (
        "change_hours",
        _window(1, "10:00", "48:01"),
        "validation_failed",
        "windows",
    ),
    (
        "change_hours",
        _window(8, "10:00", "12:00"),
        "validation_failed",
        "windows",
    ),
    ("change_hours", {"windows": None}, "validation_failed", "windows"),
    ("change_hours", {"dates": [{"date": "2030-02-30", "windows": []}]}, "validation_failed", "dates.0.date"),
    ("change_rules", {"slot_step_minutes": 7}, "validation_failed", "slot_step_minutes"),
    ("change_rules", {"holiday_country": "XX"}, "holidays_unknown", "holiday_country"),
    (
        "change_rules",
        {"holiday_country": "GB", "holiday_subdivision": "XX"},
        "holidays_unknown",
        "holiday_subdivision",
    ),
    ("change_rules", {"holiday_subdivision": "SCT"}, "validation_failed", "holiday_subdivision"),
    ("change_service_rules", {"service_id": "SERVICE", "capacity": 101}, "validation_failed", "capacity"),
    ("change_service_rules", {"service_id": "SERVICE", "day_cap": 0}, "validation_failed", "day_cap"),
    ("change_service_rules", {"service_id": "SERVICE", "places": ["moon"]}, "validation_failed", "places"),
    (
        "change_service_rules",
        {"service_id": "SERVICE", "needs": [{"resource_id": "ROOM"}, {"resource_id": "ROOM"}]},
        "validation_failed",
        "needs",
    ),
    ("put_staff", {"name": {"en": ""}}, "validation_failed", "name"),
    ("put_staff", {"name": {"en": "Sam", "ar": "س" * 201}}, "validation_failed", "name"),
    ("add_time_off", {"from_date": "2030-01-02", "to_date": "2030-01-01"}, "period_empty", "to_date"),
    ("add_time_off", {"from_date": "2030-01-01", "to_date": "2030-01-01"}, "period_empty", "to_date"),
]


@pytest.mark.parametrize(("name", "members", "code", "field"), BAD)
def test_bad_input_is_refused_by_field_and_changes_nothing(
    mine: ProviderDesk, provider: Provider, name: str, members: dict[str, Any], code: str, field: str
) -> None:
    """promise H5: each rule has a code and names the member; nothing is half done."""
    made = {"SERVICE": provider.services[0], "ROOM": mine.rooms(3)}
    before = mine.supply()
    text = json.dumps(members)
    for word, made_id in made.items():
        text = text.replace(f'"{word}"', f'"{made_id}"')
    given = json.loads(text)
    method = next(one for one in COMMANDS if one.name == name)
    error = _refused(mine, method, **given)
    assert (error.code, list(error.details["errors"])) == (code, [field])
    assert mine.supply() == before


def test_hours_that_strand_visits_list_them_and_need_a_confirmation(
    desk: Desk, mine: ProviderDesk, provider: Provider, ledger: Ledger
) -> None:
    """promise F3: exactly the visits that would be outside and were not; confirmed, they stay as they are."""
    early = desk.hold(provider, "09:00")
    late = desk.hold(provider, "16:00")
    error = _refused(mine, contract.CHANGE_HOURS, windows=every_day("10:00", "18:00"))
    assert (error.code, error.details["count"]) == ("bookings_stranded", 1)
    [listed] = error.details["bookings"]
    assert (listed["booking_id"], listed["local_time"]) == (early["booking_id"], "09:00")
    assert desk.free_times(provider)[0] == "09:00"
    confirmation = error.details["confirmation"]
    other = _refused(
        mine, contract.CHANGE_HOURS, windows=every_day("10:00", "15:00"), confirmation=confirmation
    )
    assert {one["booking_id"] for one in other.details["bookings"]} == {
        early["booking_id"],
        late["booking_id"],
    }
    done = mine.hours(every_day("10:00", "18:00"), confirmation=confirmation)
    assert done["stranded"] == 1
    assert desk.free_times(provider)[0] == "10:00"
    assert ledger.state(early["booking_id"]) == "pending"
    mine.hours(every_day("10:00", "17:30"))
    assert ledger.event_names(provider.provider_id)[-1] == "availability_changed"


def test_other_changes_strand_visits_too(desk: Desk, mine: ProviderDesk, provider: Provider) -> None:
    """promise F3: time off, a member of staff who leaves or does it no more, a date, a service's hours."""
    one, other = provider.staff
    booking = desk.hold(provider, "10:00", staff_id=one)
    day = desk.day.isoformat()
    tomorrow = (desk.day + timedelta(days=1)).isoformat()
    for method, members in (
        (contract.ADD_TIME_OFF, {"staff_id": one, "from_date": day, "to_date": tomorrow}),
        (contract.ADD_TIME_OFF, {"from_date": day, "from_time": "10:59", "to_date": day, "to_time": "12:00"}),
        (contract.PUT_STAFF, {"staff_id": one, "name": NAME, "active": False}),
        (contract.PUT_STAFF, {"staff_id": one, "name": NAME, "all_services": False}),
        (
            contract.CHANGE_HOURS,
            {"windows": every_day("09:00", "18:00"), "dates": [{"date": day, "windows": []}]},
        ),
        (contract.CHANGE_HOURS, {"service_id": provider.services[0], "windows": every_day("11:00", "18:00")}),
    ):
        error = _refused(mine, method, **members)
        assert [entry["booking_id"] for entry in error.details["bookings"]] == [booking["booking_id"]]
    away = mine.do(contract.ADD_TIME_OFF, staff_id=other, from_date=day, to_date=tomorrow)
    assert desk.free_times(provider, staff_id=other) == []
    mine.do(contract.REMOVE_TIME_OFF, time_off_id=away["changed_id"])
    assert desk.free_times(provider, staff_id=other)
    assert _refused(mine, contract.REMOVE_TIME_OFF, time_off_id=away["changed_id"]).code == "not_found"


def test_a_service_needs_no_more_units_than_are_in_use(mine: ProviderDesk) -> None:
    """promise F3: a unit that was retired is none that a visit could take."""
    room = mine.rooms(2)
    [first, second] = mine.supply()["resources"][0]["units"]
    needs = [{"resource_id": room, "count": 2}]
    service: dict[str, Any] = {"service_id": mine.provider.services[0], "needs": needs}
    retired = [first, {**second, "active": False}]
    mine.do(contract.PUT_RESOURCE, resource_id=room, kind="room", name=NAME, units=retired)
    error = _refused(mine, contract.CHANGE_SERVICE_RULES, **service)
    assert (error.code, list(error.details["errors"])) == ("too_few_units", ["needs"])
    mine.do(contract.PUT_RESOURCE, resource_id=room, kind="room", name=NAME, units=[first, second])
    mine.do(contract.CHANGE_SERVICE_RULES, **service)


def test_a_change_is_made_once_per_key(mine: ProviderDesk, provider: Provider) -> None:
    """rule C13: a repeat gets the stored answer and makes nobody twice."""
    key, caller = new_id(), member_of(provider)
    answers = [mine.do(contract.PUT_STAFF, caller, name=NAME, idempotency_key=key) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(mine.supply()["staff"]) == len(provider.staff) + 1


def test_nobody_books_by_hours_that_are_being_changed(
    desk: Desk, mine: ProviderDesk, provider: Provider, own: ServiceDatabase
) -> None:
    """promise F3: whoever comes while the hours change waits, and books by the new ones."""
    with ThreadPoolExecutor(2) as pool:
        with table_lock(own.owner_url, "outbox") as lock:
            changing = pool.submit(mine.hours, every_day("12:00", "18:00"))
            lock.wait_for_waiters(1)
            booking = pool.submit(desk.hold, provider, "09:00")
            lock.wait_for_waiters(2)
        assert changing.result()["stranded"] == 0
        with pytest.raises(ServiceError, match="closed"):
            booking.result()


def test_hours_do_not_change_behind_who_is_booking(
    desk: Desk, mine: ProviderDesk, provider: Provider, own: ServiceDatabase
) -> None:
    """promise F3: whoever has begun to book by the old hours is waited for, and listed as stranded."""
    with ThreadPoolExecutor(2) as pool:
        with table_lock(own.owner_url, "outbox") as lock:
            booking = pool.submit(desk.hold, provider, "09:00")
            lock.wait_for_waiters(1)
            changing = pool.submit(mine.hours, every_day("12:00", "18:00"))
            lock.wait_for_waiters(2)
        booked = booking.result()["booking_id"]
        with pytest.raises(ServiceError, match="bookings_stranded") as refused:
            changing.result()
    assert [one["booking_id"] for one in refused.value.details["bookings"]] == [booked]
