"""What a provider says of its visits, as the gateway hands it on; who may say it is booking's matter."""

from collections.abc import Iterator
from typing import NoReturn

import pytest

from shared.contracts import booking
from shared.contracts.booking import too_early
from shared.contracts.declaration import RpcMethod, read
from shared.ids import new_id
from tests.contract import values
from tests.unit.gateway.door import Door, problem_of

PROVIDER, BOOKING = new_id(), new_id()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("word", "method"),
    [
        ("accept", booking.ACCEPT_BOOKING),
        ("decline", booking.DECLINE_BOOKING),
        ("start", booking.START_BOOKING),
        ("complete", booking.COMPLETE_BOOKING),
        ("cancel", booking.CANCEL_FOR_PROVIDER),
    ],
)
def test_what_a_provider_says_of_a_visit_reaches_booking(door: Door, word: str, method: RpcMethod) -> None:
    """promise F3: under the caller's key, without a body; strangers are sent to sign in."""
    door.services.answers[method.full_name] = lambda _: values.completed_booking()
    path, token = f"provider/bookings/{BOOKING}/{word}", door.token(memberships=(PROVIDER,))
    assert door.call("POST", path).status_code == 401
    answer = door.call("POST", path, token=token, headers={"Idempotency-Key": "key-1"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.get_json()["data"]["state"] == "completed"
    [asked] = door.services.asked(method.full_name)
    assert (asked["booking_id"], asked["idempotency_key"]) == (BOOKING, "key-1")
    read(method.request, asked)
    unknown = door.call("POST", path, json={"notes": "x"}, token=token)
    assert "notes" in problem_of(unknown)["errors"]


@pytest.mark.parametrize("word", ["start", "complete"])
def test_the_carer_s_position_reaches_booking(door: Door, word: str) -> None:
    """promise C10: as the device tells it, or none at all; a wrong one is named."""
    method = f"booking.{word}_booking"
    door.services.answers[method] = lambda _: values.completed_booking()
    path, token = f"provider/bookings/{BOOKING}/{word}", door.token(memberships=(PROVIDER,))
    position = {"latitude": 40.7485, "longitude": -73.9855}
    for said in ({"position": position | {"accuracyM": 12.5}}, {"position": position}, {"position": None}):
        assert door.call("POST", path, json=said, token=token).status_code == 200
    asked = [read(booking.START_BOOKING.request, one)["position"] for one in door.services.asked(method)]
    assert asked == [position | {"accuracy_m": 12.5}, position | {"accuracy_m": None}, None]
    for wrong in ({"latitude": 1}, position | {"accuracyM": -1}, position | {"altitude": 1}, 5):
        refused = door.call("POST", path, json={"position": wrong}, token=token)
        assert all(name.startswith("position") for name in problem_of(refused)["errors"])


def test_too_early_says_from_when_on(door: Door) -> None:
    """promise C4."""
    earliest = "2027-01-15T14:30:00.000000Z"

    def refuse(_: object) -> NoReturn:
        raise too_early(earliest=earliest)

    door.services.answers["booking.start_booking"] = refuse
    token = door.token(memberships=(PROVIDER,))
    problem = problem_of(door.call("POST", f"provider/bookings/{BOOKING}/start", token=token))
    assert (problem["status"], problem["code"]) == (409, "too_early")
    assert problem["details"]["earliest"] == earliest


def test_a_providers_bookings_are_asked_for_page_by_page(door: Door) -> None:
    """promise F3: of the only provider for whom the caller acts, unless another is named."""
    listed = {"bookings": [values.confirmed_booking()], "next": "b3BhcXVl"}
    door.services.answers["booking.list_provider_bookings"] = lambda _: listed
    token = door.token(memberships=(PROVIDER,))
    answer = door.call("GET", "provider/bookings?visits=past&limit=1", token=token)
    assert answer.get_json()["page"] == {"limit": 1, "next": "b3BhcXVl"}
    other = new_id()
    assert door.call("GET", f"provider/bookings?providerId={other}", token=token).status_code == 200
    asked = door.services.asked("booking.list_provider_bookings")
    assert [(one["provider_id"], one["visits"]) for one in asked] == [(PROVIDER, "past"), (other, "coming")]
    assert "visits" in problem_of(door.call("GET", "provider/bookings?visits=all", token=token))["errors"]
