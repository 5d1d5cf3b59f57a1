"""What a provider has to give, as the gateway reads and hands it on; who may is booking's matter."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts import booking
from shared.contracts.booking_supply import bookings_stranded
from shared.contracts.declaration import read
from shared.ids import new_id
from tests.unit.gateway.door import Door, problem_of

PROVIDER, STAFF, SERVICE = new_id(), new_id(), new_id()
NAME = {"en": "Room", "ar": "غرفة"}
CHANGED = {"provider_id": PROVIDER, "changed_id": STAFF, "stranded": 0}

COMMANDS: list[tuple[str, str, dict[str, Any], int]] = [
    (
        "schedule/hours",
        "change_hours",
        {"staffId": STAFF, "windows": [{"weekday": 5, "opens": "22:00", "closes": "26:00"}]},
        200,
    ),
    ("schedule/rules", "change_rules", {"slotStepMinutes": 15, "holidayCountry": "GB"}, 200),
    (
        f"services/{SERVICE}/rules",
        "change_service_rules",
        {"capacity": 3, "needs": [{"resourceId": STAFF}]},
        200,
    ),
    ("staff", "put_staff", {"name": NAME, "serviceIds": [SERVICE], "allServices": False}, 201),
    (f"staff/{STAFF}", "put_staff", {"name": NAME, "dayCap": 4}, 200),
    ("resources", "put_resource", {"kind": "room", "name": NAME, "units": [{"name": NAME}]}, 201),
    (
        f"resources/{STAFF}",
        "put_resource",
        {"kind": "room", "name": NAME, "units": [{"unitId": STAFF, "name": NAME}]},
        200,
    ),
    ("time-off", "add_time_off", {"fromDate": "2027-01-15", "toDate": "2027-01-16"}, 201),
    (f"time-off/{STAFF}/remove", "remove_time_off", {}, 200),
]


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


@pytest.mark.parametrize(("path", "name", "body", "status"), COMMANDS)
def test_a_change_reaches_booking_as_its_contract_reads_it(
    door: Door, path: str, name: str, body: dict[str, Any], status: int
) -> None:
    """promise F3: under the caller's key, for the only provider for whom they act; strangers are sent to
    sign in, and members that nobody knows are refused."""
    method = next(one for one in booking.METHODS if one.name == name)
    door.services.answers[f"booking.{name}"] = lambda _: CHANGED
    token = door.token(memberships=(PROVIDER,))
    assert door.call("POST", f"provider/{path}", json=body).status_code == 401
    answer = door.call(
        "POST", f"provider/{path}", json=body, token=token, headers={"Idempotency-Key": "key-1"}
    )
    assert answer.status_code == status, answer.data
    assert answer.get_json()["data"] == {"providerId": PROVIDER, "changedId": STAFF, "stranded": 0}
    [asked] = door.services.asked(f"booking.{name}")
    assert (asked["provider_id"], asked["idempotency_key"]) == (PROVIDER, "key-1")
    known = read(method.request, asked)
    assert {member for member, value in known.items() if value is not None} >= {"provider_id"}
    unknown = door.call("POST", f"provider/{path}", json={**body, "notes": "x"}, token=token)
    assert "notes" in problem_of(unknown)["errors"]


def test_the_history_of_a_schedule_is_asked_for_page_by_page(door: Door) -> None:
    """rule C12: of the only provider for whom somebody acts; not kept by anybody on the way."""
    door.services.answers["booking.list_supply_changes"] = lambda _: {"changes": [], "next": "b3BhcXVl"}
    token = door.token(memberships=(PROVIDER,))
    path = "provider/schedule/history?limit=2&cursor=YWJj"
    assert door.call("GET", path).status_code == 401
    answer = door.call("GET", path, token=token)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    told = answer.get_json()
    assert (told["data"], told["page"]["next"]) == ({"changes": []}, "b3BhcXVl")
    [asked] = door.services.asked("booking.list_supply_changes")
    assert asked == {"provider_id": PROVIDER, "limit": 2, "cursor": "YWJj"}


def test_who_acts_for_several_says_for_which(door: Door) -> None:
    door.services.answers["booking.change_rules"] = lambda _: CHANGED
    token = door.token(memberships=(PROVIDER, new_id()))
    refused = door.call("POST", "provider/schedule/rules", json={}, token=token)
    assert "providerId" in problem_of(refused)["errors"]
    answer = door.call("POST", "provider/schedule/rules", json={"providerId": PROVIDER}, token=token)
    assert answer.status_code == 200


def test_stranded_bookings_are_listed(door: Door) -> None:
    """promise F3: 409 with the visits and the confirmation to repeat it with."""

    def refuse(_: Any) -> dict[str, Any]:
        raise booking_refusal

    booking_refusal = bookings_stranded(
        bookings=[{"booking_id": STAFF, "local_time": "09:00"}], count=1, confirmation="sb_1"
    )
    door.services.answers["booking.change_hours"] = refuse
    token = door.token(memberships=(PROVIDER,))
    answer = door.call("POST", "provider/schedule/hours", json={"windows": []}, token=token)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (409, "bookings_stranded")
    assert problem["details"]["bookings"] == [{"bookingId": STAFF, "localTime": "09:00"}]
    assert problem["details"]["confirmation"] == "sb_1"
