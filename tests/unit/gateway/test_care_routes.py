"""Who receives the care, where, and both sides' notes, as the gateway hands them on."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts import booking
from shared.contracts.declaration import read
from shared.ids import new_id
from tests.contract import care, values
from tests.unit.gateway.door import Door, problem_of

BOOKING, PROVIDER = new_id(), new_id()
HOME_VISIT: dict[str, Any] = {
    "providerId": PROVIDER,
    "serviceId": new_id(),
    "bookingDate": "2027-01-15",
    "startTime": "10:00",
    "place": "customer",
    "recipient": {"name": "Rose Lee", "birthYear": 1941},
    "address": care.ADDRESS,
}


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


def test_a_home_visit_is_asked_for_with_recipient_and_address(door: Door) -> None:
    """promise C10: the answer, which is kept under its key, has neither."""
    door.services.answers["booking.create_booking"] = lambda _: care.detailed(values.booking())
    answer = door.call("POST", "customer/bookings", json=HOME_VISIT, token=door.token())
    assert answer.status_code == 201
    assert not {"recipient", "address"} & answer.get_json()["data"].keys()
    [asked] = door.services.asked("booking.create_booking")
    wanted = read(booking.CREATE_BOOKING.request, asked)
    assert (wanted["place"], wanted["recipient"]["birth_year"]) == ("customer", 1941)
    assert wanted["address"] == care.ADDRESS


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"recipient": {"name": "Rose", "age": 80}}, "recipient.age"),
        ({"recipient": {"name": ""}}, "recipient.name"),
        ({"recipient": {"name": "Rose", "birthYear": 1492}}, "recipient.birthYear"),
        ({"recipient": {"name": "Rose", "phone": "call me"}}, "recipient.phone"),
        ({"address": care.ADDRESS | {"longitude": 181}}, "address.longitude"),
        ({"address": care.ADDRESS | {"latitude": None}}, "address.latitude"),
        ({"address": care.ADDRESS | {"lines": ["x"] * 6}}, "address.lines"),
    ],
)
def test_what_is_wrong_is_named(door: Door, change: dict[str, Any], member: str) -> None:
    """promise H5."""
    answer = door.call("POST", "customer/bookings", json=HOME_VISIT | change, token=door.token())
    [named] = problem_of(answer)["errors"]
    assert (answer.status_code, named) == (422, member)
    assert not door.services.calls


@pytest.mark.parametrize("side", ["customer", "provider"])
def test_a_note_is_said_for_the_side_of_its_path(door: Door, side: str) -> None:
    """promise C10: under the caller's key; null takes the note away."""
    door.services.answers["booking.change_notes"] = lambda _: care.ANSWERS["booking.change_notes"]
    path, token = f"{side}/bookings/{BOOKING}", door.token(memberships=(PROVIDER,))
    assert door.call("PATCH", path, json={"notes": "x"}).status_code == 401
    answer = door.call("PATCH", path, json={"notes": None}, token=token, headers={"Idempotency-Key": "k-1"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.get_json()["data"]["providerNotes"] == "Bring slippers."
    [asked] = door.services.asked("booking.change_notes")
    assert asked == {"booking_id": BOOKING, "side": side, "notes": None, "idempotency_key": "k-1"}
    assert (
        "side"
        in problem_of(door.call("PATCH", path, json={"notes": "x", "side": "both"}, token=token))["errors"]
    )
