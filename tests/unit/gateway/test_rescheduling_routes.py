"""Moving a visit through the gateway: what is asked reaches booking, and its refusals keep their public
form."""

from collections.abc import Iterator
from typing import NoReturn

import pytest

from shared.contracts import booking
from shared.contracts.booking import quote_changed
from shared.contracts.declaration import read
from shared.ids import new_id
from tests.contract import values
from tests.unit.gateway.door import Door, problem_of

BOOKING = new_id()
PATH = f"customer/bookings/{BOOKING}/reschedule"
NEW_TIME = {"bookingDate": "2027-01-16", "startTime": "10:00"}


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


def test_what_a_move_means_is_shown(door: Door) -> None:
    """promise C6: in major units, never kept by a cache; strangers are sent to sign in."""
    door.services.answers["booking.get_reschedule_quote"] = lambda _: values.reschedule_quote()
    path = f"{PATH}-quote?date=2027-01-16&time=10:00"
    assert door.call("GET", path).status_code == 401
    answer = door.call("GET", path, token=door.token())
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    data = answer.get_json()["data"]
    assert (data["serviceRefund"], data["movesLeft"]) == ({"amount": 20.0, "currency": "USD"}, 2)
    [asked] = door.services.asked("booking.get_reschedule_quote")
    assert read(booking.GET_RESCHEDULE_QUOTE.request, asked)["start_time"] == "10:00"
    assert "date" in problem_of(door.call("GET", f"{PATH}-quote?time=10:00", token=door.token()))["errors"]


def test_a_move_reaches_booking_under_the_callers_key(door: Door) -> None:
    """promise C6, rule C13."""
    door.services.answers["booking.reschedule_booking"] = lambda _: values.rescheduled_booking()
    headers = {"Idempotency-Key": "key-1"}
    answer = door.call("POST", PATH, json={**NEW_TIME, "reason": "away"}, token=door.token(), headers=headers)
    assert (answer.status_code, answer.get_json()["data"]["localDate"]) == (200, "2027-01-16")
    [asked] = door.services.asked("booking.reschedule_booking")
    sent = read(booking.RESCHEDULE_BOOKING.request, asked)
    assert (sent["idempotency_key"], sent["reason"], sent["quote_id"]) == ("key-1", "away", None)
    wrong = door.call("POST", PATH, json={**NEW_TIME, "state": "completed"}, token=door.token())
    assert "state" in problem_of(wrong)["errors"]


def test_a_quote_that_has_changed_is_shown_anew(door: Door) -> None:
    """rule B3: in its public form."""

    def refuse(_: object) -> NoReturn:
        raise quote_changed(quote=values.reschedule_quote())

    door.services.answers["booking.reschedule_booking"] = refuse
    problem = problem_of(door.call("POST", PATH, json={**NEW_TIME, "quoteId": "mq_1"}, token=door.token()))
    assert (problem["status"], problem["code"]) == (409, "quote_changed")
    assert problem["details"]["quote"]["movesLeft"] == 2


def test_a_time_is_held_in_place_of_a_visit(door: Door) -> None:
    """promise C6: which one reaches booking; a series replaces none."""
    door.services.answers["booking.create_booking"] = lambda _: values.booking(
        replaces_booking_id=values.BOOKING
    )
    body = {
        "providerId": values.PROVIDER,
        "serviceId": values.SERVICE,
        "bookingDate": "2027-01-15",
        "startTime": "10:00",
        "replacesBookingId": values.BOOKING,
    }
    held = door.call("POST", "customer/bookings", json=body, token=door.token())
    assert held.get_json()["data"]["replacesBookingId"] == values.BOOKING
    [asked] = door.services.asked("booking.create_booking")
    assert asked["replaces_booking_id"] == values.BOOKING
    series = door.call(
        "POST", "customer/series", json=body | {"rule": "FREQ=DAILY;COUNT=2"}, token=door.token()
    )
    assert problem_of(series)["code"] == "validation_failed"
