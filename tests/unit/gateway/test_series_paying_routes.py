"""A series paid by one command: a result for each visit, a payment and a key of its own."""

from typing import Any

import pytest

from services.gateway.routes import series_paying
from shared.contracts.payment import already_paid, card_declined
from shared.errors import ServiceError, deadline_exceeded, outcome_unknown, request_in_progress, unavailable
from shared.ids import new_id
from tests.contract import series, values
from tests.unit.gateway.door import Door, problem_of

PATH = f"customer/series/{series.SERIES}/pay"
CARD = {"paymentMethodId": "pm_card_visa"}


class _Payments:
    """Payment as the gateway sees it: pays what it does not refuse."""

    def __init__(self) -> None:
        self.refusals: dict[str, Exception] = {}

    def process(self, request: Any) -> dict[str, Any]:
        if request["booking_id"] in self.refusals:
            raise self.refusals[request["booking_id"]]
        return values.payment_answer() | {"booking_id": request["booking_id"], "status": "succeeded"}


@pytest.fixture
def payments(door: Door) -> _Payments:
    made = _Payments()
    door.services.answers["payment.process_payment"] = made.process
    return made


def _series(door: Door, *states: str) -> list[str]:
    """The ids of visits in these states; the last instance was refused and has none."""
    ids = [new_id() for _ in states]
    shown = series.series()
    instance = shown["instances"][0]
    instances = [
        {**instance, "position": position, "booking": _visit(one, state)}
        for position, (one, state) in enumerate(zip(ids, states, strict=True), 1)
    ]
    none = {**instance, "position": len(ids) + 1, "outcome": "refused", "code": "closed", "booking": None}
    door.services.answers["booking.get_series"] = lambda _: shown | {"instances": [*instances, none]}
    return ids


def _visit(booking_id: str, state: str) -> dict[str, Any]:
    """`asked`: paid, and its provider is asked first."""
    if state == "asked":
        return values.waiting_booking(booking_id=booking_id)
    return values.booking(booking_id=booking_id, state=state)


def _pay(door: Door, key: str = "all", **body: Any) -> Any:
    return door.call("POST", PATH, json=body or CARD, token=door.token(), headers={"Idempotency-Key": key})


def _results(answer: Any) -> list[tuple[int, str]]:
    visits = answer.get_json()["data"]["visits"]
    return [(one["position"], one["code"] or one["payment"]["status"]) for one in visits]


def test_every_unpaid_visit_is_paid_with_a_key_of_its_own(door: Door, payments: _Payments) -> None:
    """promise C6, rules T17 and C13: what is over is left alone; a repeat asks under the same keys."""
    ids = _series(door, "pending", "cancelled", "confirmed", "pending")
    first = _pay(door)
    assert (first.status_code, first.headers["Idempotency-Key"]) == (200, "all")
    assert _results(first) == [(1, "succeeded"), (3, "succeeded"), (4, "succeeded")]
    assert _pay(door).get_json()["data"] == first.get_json()["data"]
    _pay(door, "another")
    asked = [
        (one["booking_id"], one["idempotency_key"]) for one in door.services.asked("payment.process_payment")
    ]
    assert [one for one, _ in asked[:3]] == [ids[0], ids[2], ids[3]]
    assert asked[:3] == asked[3:6]
    assert len({key for _, key in asked}) == 6


def test_a_refusal_of_one_undoes_no_other(door: Door, payments: _Payments) -> None:
    """rule T17: told with its code; a card that was declined is not charged again, another one is."""
    ids = _series(door, *["pending"] * 4)
    payments.refusals[ids[1]] = card_declined()
    answer = _pay(door)
    assert answer.status_code == 202
    assert _results(answer) == [
        (1, "succeeded"),
        (2, "card_declined"),
        (3, "not_tried"),
        (4, "not_tried"),
    ]
    named = [{"bookingId": one, "paymentMethodId": f"pm_{number}"} for number, one in enumerate(ids[:3])]
    assert _results(_pay(door, visits=named)) == [(1, "succeeded"), (2, "card_declined"), (3, "succeeded")]
    assert [one["payment_method_id"] for one in door.services.asked("payment.process_payment")[-3:]] == [
        "pm_0",
        "pm_1",
        "pm_2",
    ]


def test_what_is_in_trouble_or_out_of_time_is_for_the_next_request(
    door: Door, payments: _Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rule C13: nothing is begun after it; the same key goes on."""
    ids = _series(door, *["pending"] * 3)
    payments.refusals[ids[1]] = unavailable(retry_after=1)
    assert _results(_pay(door)) == [(1, "succeeded"), (2, "unavailable"), (3, "not_tried")]
    payments.refusals.clear()
    monkeypatch.setattr(series_paying, "SECONDS", -1.0)
    assert {code for _, code in _results(_pay(door))} == {"not_tried"}


@pytest.mark.parametrize(
    "trouble", [outcome_unknown(), unavailable(), deadline_exceeded(), request_in_progress()]
)
def test_trouble_of_the_last_visit_is_not_the_end_either(
    door: Door, payments: _Payments, trouble: ServiceError
) -> None:
    """rule C13: nothing is left untried, and yet the same key has to be sent again."""
    ids = _series(door, "pending", "pending")
    payments.refusals[ids[1]] = trouble
    answer = _pay(door)
    assert (answer.status_code, _results(answer)) == (202, [(1, "succeeded"), (2, trouble.code)])


def test_a_visit_that_was_paid_before_is_not_told_as_refused(door: Door, payments: _Payments) -> None:
    """promise C6: one that is unpaid as booking knows, and paid as payment does, is."""
    ids = _series(door, "confirmed", "pending", "asked", "pending")
    for one in (ids[0], *ids[2:]):
        payments.refusals[one] = already_paid()
    answer = _pay(door)
    assert (answer.status_code, _results(answer)) == (200, [(2, "succeeded"), (4, "already_paid")])


def test_cards_are_for_visits_of_the_series_and_one_for_each(door: Door, payments: _Payments) -> None:
    """promise H5: nothing is paid when it is not clear for what."""
    ids = _series(door, "pending", "cancelled")
    named = [{"bookingId": one, "paymentMethodId": "pm_visa"} for one in (*ids, new_id())]
    for visits, field in ((named, "visits.2.bookingId"), ([named[0]] * 2, "visits.1.bookingId")):
        problem = problem_of(_pay(door, visits=visits))
        assert (problem["status"], problem["code"], list(problem["errors"])) == (
            422,
            "validation_failed",
            [field],
        )
    assert door.services.asked("payment.process_payment") == []
    assert _results(_pay(door, visits=named[:2])) == [(1, "succeeded")]


@pytest.mark.parametrize(
    "body",
    [{"visits": []}, {"paymentMethodId": "visa"}, {"visits": [{"bookingId": "1"}]}, {**CARD, "tip": 1}],
)
def test_what_names_no_card_pays_nothing(door: Door, payments: _Payments, body: dict[str, Any]) -> None:
    """promise H5."""
    _series(door, "pending")
    assert problem_of(_pay(door, **body))["code"] == "validation_failed"
    assert door.services.asked("payment.process_payment") == []
