"""A visit that was missed, at the door: said, contested, decided; what stands in the audit."""

import pytest

from shared.contracts.booking_no_show import (
    CONTEST_NO_SHOW,
    DECIDE_NO_SHOW,
    LIST_OPEN_CONTESTS,
    RECORD_NO_SHOW,
)
from shared.contracts.declaration import read
from tests.contract import values
from tests.unit.gateway.door import Door, problem_of
from tests.unit.gateway.test_admin_refund_routes import NotedTrail

BOOKING = values.BOOKING
KEY = {"Idempotency-Key": "key-1"}
DECISION = {"outcome": "overturned", "reason": "The carer was elsewhere."}


@pytest.fixture
def trail(door: Door) -> NotedTrail:
    door.resources.trail = noted = NotedTrail()
    return noted


def test_a_provider_says_that_nobody_came(door: Door) -> None:
    """promise C4: under its key, without a body; until when it may be contested is told."""
    door.services.answers[RECORD_NO_SHOW.full_name] = lambda _: values.missed_booking()
    path = f"provider/bookings/{BOOKING}/no-show"
    answer = door.call("POST", path, token=door.token(roles=("provider",)), headers=KEY)
    assert answer.get_json()["data"]["contestUntil"] == "2027-01-16T15:20:00.000000Z"
    assert door.services.asked(RECORD_NO_SHOW.full_name) == [
        {"booking_id": BOOKING, "idempotency_key": "key-1"}
    ]


def test_a_customer_contests_with_a_reason(door: Door) -> None:
    """rule B6: without one nobody is asked."""
    door.services.answers[CONTEST_NO_SHOW.full_name] = lambda _: values.missed_booking(contest="open")
    path, token = f"customer/bookings/{BOOKING}/contest", door.token()
    assert "reason" in problem_of(door.call("POST", path, json={}, token=token))["errors"]
    answer = door.call("POST", path, json={"reason": "I was there."}, token=token, headers=KEY)
    assert (answer.status_code, answer.get_json()["data"]["contest"]) == (200, "open")
    [asked] = door.services.asked(CONTEST_NO_SHOW.full_name)
    assert read(CONTEST_NO_SHOW.request, asked)["reason"] == "I was there."


def test_a_decision_stands_in_the_audit(door: Door, trail: NotedTrail) -> None:
    """rules B6 and C12: for administrators only; with who, on which booking and why before it is sent."""
    door.services.answers[DECIDE_NO_SHOW.full_name] = lambda _: values.cancelled_booking()
    path = f"admin/bookings/{BOOKING}/contest/decide"
    assert door.call("POST", path, json=DECISION, token=door.token()).status_code == 403
    admin = door.token(roles=("admin",))
    answer = door.call("POST", path, json=DECISION, token=admin, headers=KEY)
    assert answer.status_code == 200
    [ask] = trail.asks
    assert (ask.action, ask.object_id, ask.reason) == (
        "booking.decide_no_show",
        BOOKING,
        DECISION["reason"],
    )
    [asked] = door.services.asked(DECIDE_NO_SHOW.full_name)
    assert read(DECIDE_NO_SHOW.request, asked)["outcome"] == "overturned"
    unknown = door.call("POST", path, json=DECISION | {"outcome": "maybe"}, token=admin)
    assert "outcome" in problem_of(unknown)["errors"]


def test_open_contests_are_for_administrators(door: Door) -> None:
    """rule B6: nobody else learns of them; page by page, and kept nowhere on the way."""
    one = {
        "booking": values.missed_booking(contest="open"),
        "contested_at": "2027-01-15T18:20:00.000000Z",
        "reason": "I was there.",
    }
    door.services.answers[LIST_OPEN_CONTESTS.full_name] = lambda _: {"contests": [one], "next": "more"}
    path = "admin/bookings/contests?limit=1&cursor=here"
    assert door.call("GET", path).status_code == 401
    for roles in (("customer",), ("provider",)):
        assert door.call("GET", path, token=door.token(roles=roles)).status_code == 403
    assert door.services.asked(LIST_OPEN_CONTESTS.full_name) == []
    answer = door.call("GET", path, token=door.token(roles=("admin",)))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    [shown] = answer.get_json()["data"]["contests"]
    assert (shown["booking"]["bookingId"], shown["reason"]) == (BOOKING, "I was there.")
    assert door.services.asked(LIST_OPEN_CONTESTS.full_name) == [{"limit": 1, "cursor": "here"}]
