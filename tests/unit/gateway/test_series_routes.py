"""Series and waiting lists over HTTP: bodies are strict, keys are handed on, quotes are public."""

from functools import partial
from typing import NoReturn

import pytest

from shared.contracts.booking_series import series_quote_changed
from tests.contract import series, values, waitlist
from tests.unit.gateway.door import Door, problem_of

SERIES = {
    "providerId": values.PROVIDER,
    "serviceId": values.SERVICE,
    "bookingDate": "2027-01-15",
    "startTime": "10:00",
    "rule": "FREQ=WEEKLY;COUNT=3",
}
ONE = f"customer/series/{series.SERIES}"
WAITING = {
    "providerId": values.PROVIDER,
    "serviceId": values.SERVICE,
    "date": "2027-01-15",
    "from": "09:00",
}


def _answer_of_series(name: str, _: object) -> values.Value:
    return series.ANSWERS[name]


def _answer(name: str, _: object) -> values.Value:
    return waitlist.ANSWERS[name]


def test_a_series_is_looked_at_and_booked(door: Door) -> None:
    """One key for the whole of it (rules T17 and C13)."""
    door.services.answers["booking.preview_series"] = lambda _: series.ANSWERS["booking.preview_series"]
    door.services.answers["booking.create_series"] = lambda _: series.series()
    seen = door.call("POST", "customer/series/preview", json=SERIES, token=door.token())
    assert seen.get_json()["data"]["instances"][0]["alternatives"][0]["localTime"]

    decisions = [{"localDate": "2027-01-22", "choice": "alternative", "startTime": "11:00"}]
    made = door.call(
        "POST",
        "customer/series",
        json=SERIES | {"decisions": decisions},
        token=door.token(),
        headers={"Idempotency-Key": "spring"},
    )
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/{ONE}")
    asked = door.services.asked("booking.create_series")[0]
    assert (asked["idempotency_key"], asked["decisions"][0]["start_time"]) == ("spring", "11:00")


@pytest.mark.parametrize("change", [{"rule": ""}, {"decisions": [{"choice": "take"}]}, {"every": "day"}])
def test_what_is_no_series_is_not_asked_for(door: Door, change: dict[str, object]) -> None:
    """Every field is validated at the door (promise H5)."""
    answer = door.call("POST", "customer/series", json=SERIES | change, token=door.token())
    assert problem_of(answer)["code"] == "validation_failed"
    assert door.services.asked("booking.create_series") == []


def test_a_changed_quote_of_a_series_is_told_in_public_form(door: Door) -> None:
    """What cancelling gives back now comes with the refusal (rule B3)."""
    quote = series.ANSWERS["booking.get_series_refund_quote"]

    def changed(_: object) -> NoReturn:
        raise series_quote_changed(quote=quote)

    door.services.answers["booking.get_series_refund_quote"] = lambda _: quote
    door.services.answers["booking.cancel_series"] = changed
    shown = door.call("GET", f"{ONE}/refund-quote?scope=all", token=door.token()).get_json()["data"]
    body = {"scope": "following", "position": 2, "refundQuoteId": "rs_0"}
    answer = door.call("POST", f"{ONE}/cancel", json=body, token=door.token())
    assert problem_of(answer)["details"]["quote"] == shown


def test_a_series_is_moved_under_one_key(door: Door) -> None:
    """What is said reaches booking as it was given; each visit's result is told (rules T17 and C13)."""
    for name in ("booking.preview_series_move", "booking.reschedule_series"):
        door.services.answers[name] = partial(_answer_of_series, name)
    body = {"scope": "following", "position": 2, "startTime": "11:00", "shiftDays": 1}
    seen = door.call("POST", f"{ONE}/reschedule/preview", json=body, token=door.token()).get_json()["data"]
    assert seen["instances"][0]["quote"]["movesLeft"] == 2

    decisions = [{"position": 3, "choice": "skip"}]
    moved = door.call(
        "POST",
        f"{ONE}/reschedule",
        json=body | {"decisions": decisions},
        token=door.token(),
        headers={"Idempotency-Key": "tuesdays"},
    )
    assert moved.get_json()["data"]["instances"][0]["alternatives"][0]["localTime"]
    asked = door.services.asked("booking.reschedule_series")[0]
    assert (asked["idempotency_key"], asked["shift_days"], asked["decisions"][0]["position"]) == (
        "tuesdays",
        1,
        3,
    )
    for wrong in ({"shiftDays": 99}, {"decisions": [{"choice": "skip"}]}, {"weekday": "MO"}):
        answer = door.call("POST", f"{ONE}/reschedule", json=body | wrong, token=door.token())
        assert problem_of(answer)["code"] == "validation_failed"


def test_waiting_is_joined_listed_left_and_declined(door: Door) -> None:
    """Hours reach booking as they were given (promise C6)."""
    for name in waitlist.ANSWERS:
        door.services.answers[name] = partial(_answer, name)
    joined = door.call("POST", "customer/waitlist", json=WAITING, token=door.token())
    assert (joined.status_code, joined.get_json()["data"]["fromTime"]) == (201, "09:00")
    asked = door.services.asked("booking.join_waitlist")[0]
    assert (asked["from_time"], asked["to_time"]) == ("09:00", None)
    listed = door.call("GET", "customer/waitlist", token=door.token()).get_json()["data"]
    assert listed["entries"][0]["booking"]["waitlistId"] == waitlist.WAITLIST
    for word in ("leave", "decline"):
        path = f"customer/waitlist/{waitlist.WAITLIST}/{word}"
        assert door.call("POST", path, token=door.token()).status_code == 200
