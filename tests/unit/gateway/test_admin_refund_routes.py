"""Refunds by administrators at the door: who may, what is handed on, what stands in the audit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from services.gateway import context
from services.gateway.audit.trail import Ask, Command, Trail
from shared.contracts.payment_refunds import preview_changed
from tests.contract import refunds, values
from tests.unit.gateway.door import Door, problem_of

PAYMENT, REFUND = values.PAYMENT, values.REFUND
WISH = {"paymentId": PAYMENT, "serviceAmount": 75.00, "tipAmount": 5}
BODY = WISH | {"previewId": refunds.PREVIEW_ID, "reason": "The carer came an hour late."}


class NotedTrail(Trail):
    """Keeps what would be written; the audit itself is tested on its database."""

    def __init__(self) -> None:
        super().__init__(_no_database, context.current)
        self.asks: list[Ask] = []

    def carry_out(self, ask: Ask, command: Command) -> dict[str, Any]:
        self.asks.append(ask)
        return command()


@contextmanager
def _no_database() -> Iterator[Any]:
    raise AssertionError("no audit is written here")
    yield


@pytest.fixture
def trail(door: Door) -> NotedTrail:
    door.resources.trail = noted = NotedTrail()
    return noted


@pytest.fixture
def admin(door: Door) -> str:
    return door.token(roles=("admin",))


def test_a_refund_is_previewed_in_major_units(door: Door, trail: NotedTrail, admin: str) -> None:
    """promise G1, rule B3: what goes back, who bears it, what is left; nothing is written."""
    door.services.answers["payment.preview_refund"] = lambda _: refunds.preview()
    answer = door.call("POST", "admin/refunds/preview", json=WISH, token=admin)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert b'"providerBears":{"amount":72.50,"currency":"USD"}' in answer.data
    assert answer.get_json()["data"]["previewId"] == refunds.PREVIEW_ID
    [asked] = door.services.asked("payment.preview_refund")
    assert asked == {
        "payment_id": PAYMENT,
        "amount": None,
        "service_amount": Decimal("75.0"),
        "tip_amount": Decimal(5),
    }
    assert trail.asks == []


def test_a_refund_goes_through_the_audit(door: Door, trail: NotedTrail, admin: str) -> None:
    """promises G1 and G3, rule C13: under the client's key, with its reason."""
    door.services.answers["payment.refund_payment"] = lambda _: refunds.record()
    headers = {"Idempotency-Key": "a-key-of-mine"}
    answer = door.call("POST", "admin/refunds", json=BODY, token=admin, headers=headers)
    assert (answer.status_code, answer.headers["Idempotency-Key"]) == (201, "a-key-of-mine")
    [asked], [ask] = door.services.asked("payment.refund_payment"), trail.asks
    assert asked["idempotency_key"] == "a-key-of-mine"
    assert (ask.action, ask.object_kind, ask.object_id) == ("payment.refund_payment", "payment", PAYMENT)
    assert (ask.reason, ask.request) == (BODY["reason"], asked)


def test_a_changed_preview_comes_with_the_new_one(door: Door, trail: NotedTrail, admin: str) -> None:
    """rule B3: 409 with the preview as its own route shows it."""

    def changed(_: Mapping[str, Any]) -> dict[str, Any]:
        raise preview_changed(preview=refunds.preview())

    door.services.answers["payment.refund_payment"] = changed
    answer = door.call("POST", "admin/refunds", json=BODY, token=admin)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (409, "preview_changed")
    assert problem["details"]["preview"]["left"] == {"amount": 25.0, "currency": "USD"}


def test_a_refund_is_tried_again_with_a_reason(door: Door, trail: NotedTrail, admin: str) -> None:
    """promise G1, rule M13"""
    door.services.answers["payment.retry_refund"] = lambda _: refunds.record()
    body = {"reason": "The provider left.", "withoutReversal": True}
    answer = door.call("POST", f"admin/refunds/{REFUND}/retry", json=body, token=admin)
    assert answer.status_code == 200
    [asked], [ask] = door.services.asked("payment.retry_refund"), trail.asks
    assert (asked["refund_id"], asked["without_reversal"]) == (REFUND, True)
    assert (ask.action, ask.object_kind, ask.object_id) == ("payment.retry_refund", "refund", REFUND)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("admin/refunds/preview", {"paymentId": PAYMENT}, "amount"),
        ("admin/refunds/preview", WISH | {"amount": 1}, "amount"),
        ("admin/refunds/preview", WISH | {"serviceAmount": -1}, "serviceAmount"),
        ("admin/refunds", {**WISH, "previewId": "x"}, "reason"),
        ("admin/refunds", {**WISH, "reason": "x"}, "previewId"),
        ("admin/refunds", BODY | {"reason": ""}, "reason"),
        (f"admin/refunds/{REFUND}/retry", {}, "reason"),
    ],
)
def test_what_is_not_said_reaches_nobody(
    path: str, body: dict[str, Any], field: str, door: Door, trail: NotedTrail, admin: str
) -> None:
    answer = door.call("POST", path, json=body, token=admin)
    assert (answer.status_code, list(problem_of(answer)["errors"])) == (422, [field])
    assert not door.services.calls
    assert not trail.asks


def test_payments_and_refunds_are_shown_with_their_books(door: Door, admin: str) -> None:
    """promise G1: the payment with refunds and ledger; refunds by state, page by page."""
    door.services.answers["payment.inspect_payment"] = lambda _: refunds.payment_record()
    door.services.answers["payment.list_refunds"] = lambda _: refunds.ANSWERS["payment.list_refunds"]
    shown = door.call("GET", f"admin/payments/{PAYMENT}", token=admin).get_json()["data"]
    assert shown["refunds"][0]["requestedBy"] == values.OTHER_USER
    assert shown["ledger"][0]["amount"] == {"amount": 105.0, "currency": "USD"}
    listed = door.call("GET", "admin/refunds?state=blocked&limit=5", token=admin)
    assert listed.get_json()["page"] == {"limit": 5, "next": "b3BhcXVl"}
    [asked] = door.services.asked("payment.list_refunds")
    assert asked == {"payment_id": None, "state": "blocked", "limit": 5, "cursor": None}
