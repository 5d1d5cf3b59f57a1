"""What became of a booking, asked for at three doors; who is told what is booking's matter."""

import pytest

from shared.ids import new_id
from tests.contract import disputes
from tests.unit.gateway.door import Door, problem_of

BOOKING = new_id()


@pytest.mark.parametrize(
    ("path", "roles"), [("customer", ("customer",)), ("provider", ("provider",)), ("admin", ("admin",))]
)
def test_a_history_is_asked_of_booking(door: Door, path: str, roles: tuple[str, ...]) -> None:
    """promise C4: with who, why and when, kept by no cache."""
    door.services.answers["booking.get_booking_history"] = lambda _: disputes.HISTORY
    answer = door.call("GET", f"{path}/bookings/{BOOKING}/history", token=door.token(roles=roles))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    [change] = answer.get_json()["data"]["changes"]
    assert (change["toState"], change["actor"], change["reason"]) == ("pending", "customer", "held")
    assert door.services.asked("booking.get_booking_history") == [{"booking_id": BOOKING}]


def test_everything_is_told_to_administrators_only(door: Door) -> None:
    """promise H2."""
    answer = door.call("GET", f"admin/bookings/{BOOKING}/history", token=door.token(roles=("provider",)))
    assert problem_of(answer)["code"] == "forbidden"
