"""Disputes and kept webhooks at the door: what is gathered, what is handed on, what stands in the audit."""

import json
from typing import Any

import pytest

from tests.contract import care, disputes, refunds, values
from tests.unit.gateway.door import Door
from tests.unit.gateway.test_admin_refund_routes import NotedTrail

PATH = f"admin/disputes/{disputes.DISPUTE}"


@pytest.fixture
def trail(door: Door) -> NotedTrail:
    door.resources.trail = noted = NotedTrail()
    return noted


@pytest.fixture
def admin(door: Door) -> str:
    return door.token(roles=("admin",))


def test_evidence_is_gathered_from_payment_and_booking(door: Door, admin: str) -> None:
    """promise D11, rule M14: policy and price as shown, the booking's course, what was given back."""
    door.services.answers["payment.get_dispute"] = lambda _: disputes.detail()
    door.services.answers["payment.inspect_payment"] = lambda _: refunds.payment_record()
    door.services.answers["booking.get_booking"] = lambda _: values.confirmed_booking()
    door.services.answers["booking.get_booking_history"] = lambda _: disputes.HISTORY
    answer = door.call("GET", f"{PATH}/evidence", token=admin)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    found = answer.get_json()["data"]
    assert found["missing"] == ["check_in", "check_out", "messages"]
    assert "% when cancelled" in found["proposed"]["refundPolicyDisclosure"]
    assert found["history"]["changes"][0]["toState"] == "pending"


def _proposed(door: Door, admin: str, paid: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, str]:
    door.services.answers["payment.get_dispute"] = lambda _: disputes.detail()
    door.services.answers["payment.inspect_payment"] = lambda _: paid
    door.services.answers["booking.get_booking"] = lambda _: values.completed_booking()
    history = disputes.HISTORY | {"changes": changes}
    door.services.answers["booking.get_booking_history"] = lambda _: history
    found: dict[str, str] = door.call("GET", f"{PATH}/evidence", token=admin).get_json()["data"]["proposed"]
    return found


def test_a_bank_is_told_what_was_taken_and_what_has_gone_back(door: Door, admin: str) -> None:
    """promise D11, rule M14: what was only held is no refund, and what is owed has not been given."""
    sent, blocked = refunds.record() | {"state": "pending"}, refunds.record() | {"state": "blocked"}
    paid = refunds.payment_record() | {"captured": values.usd(2500), "refunds": []}
    said = _proposed(door, admin, paid, [])["refundRefusalExplanation"]
    assert said == "Taken: 25.00 USD (of 105.00 USD that were held). Given back: nothing."
    paid = refunds.payment_record() | {"refunds": [sent, blocked]}
    said = _proposed(door, admin, paid, [])["refundRefusalExplanation"]
    assert said == (
        f"Taken: 105.00 USD. Given back: 80.00 USD on {values.NOW}. "
        f"Owed, and not sent yet: 80.00 USD on {values.NOW}."
    )


@pytest.mark.parametrize(
    ("actor", "said"), [("provider", "The provider told that"), ("system", "Nobody told within a day")]
)
def test_a_bank_is_not_told_what_nobody_has_said(door: Door, admin: str, actor: str, said: str) -> None:
    """promise C4, rule M14: a visit that counts as done since nobody spoke is no word of the provider's."""
    change = disputes.HISTORY["changes"][0] | {"to_state": "completed", "actor": actor}
    course = _proposed(door, admin, refunds.payment_record(), [change])["uncategorizedText"]
    assert said in course
    assert ("took place." in course) == (actor == "provider")


def test_a_bank_is_told_when_the_carer_came_and_how_far_from_the_address(door: Door, admin: str) -> None:
    """promise C10, rule M14: and nothing of a moment that nobody told."""
    door.services.answers["payment.get_dispute"] = lambda _: disputes.detail()
    door.services.answers["payment.inspect_payment"] = lambda _: refunds.payment_record()
    visit = care.detailed(values.completed_booking()) | {"check_out": None}
    door.services.answers["booking.get_booking"] = lambda _: visit
    door.services.answers["booking.get_booking_history"] = lambda _: disputes.HISTORY
    found = door.call("GET", f"{PATH}/evidence", token=admin).get_json()["data"]
    assert found["missing"] == ["check_out", "messages"]
    course = found["proposed"]["uncategorizedText"]
    assert "checked in at 2027-01-15T14:58:00.000000Z, 20 m from the address" in course
    assert "checked out" not in course


@pytest.mark.parametrize("name", ["a%00b", "x" * 256, "dp%20123", "%D8%A7"])
def test_what_can_be_no_id_of_a_payment_provider_reaches_nobody(
    door: Door, trail: NotedTrail, admin: str, name: str
) -> None:
    """promise H5: no text that the audit can't hold is written into it."""
    for method, path in (
        ("GET", f"admin/disputes/{name}"),
        ("POST", f"admin/disputes/{name}/evidence"),
        ("POST", f"admin/webhooks/{name}/replay"),
    ):
        body = {"json": {"reason": "x", "evidence": {}}} if method == "POST" else {}
        assert door.call(method, path, token=admin, **body).status_code == 404, path
    assert not door.services.calls
    assert not trail.asks


def test_evidence_goes_through_the_audit(door: Door, trail: NotedTrail, admin: str) -> None:
    """promise G3, rule C13: under the client's key, with its reason."""
    door.services.answers["payment.submit_dispute_evidence"] = lambda _: disputes.detail("under_review")
    body = {"evidence": {"uncategorizedText": "It took place."}, "reason": "The visit took place."}
    headers = {"Idempotency-Key": "a-key"}
    answer = door.call("POST", f"{PATH}/evidence", json=body, token=admin, headers=headers)
    assert answer.status_code == 200, answer.data
    [asked], [ask] = door.services.asked("payment.submit_dispute_evidence"), trail.asks
    assert (asked["submit"], asked["idempotency_key"]) == (True, "a-key")
    assert asked["evidence"]["uncategorized_text"] == "It took place."
    assert (ask.object_kind, ask.object_id, ask.reason) == ("dispute", disputes.DISPUTE, body["reason"])


def test_evidence_may_be_as_long_as_stripe_takes_it(door: Door, trail: NotedTrail, admin: str) -> None:
    """promise D11, rule M14: six texts of 20,000 letters, in Arabic too."""
    door.services.answers["payment.submit_dispute_evidence"] = lambda _: disputes.detail("under_review")
    names = (
        "productDescription serviceDate refundPolicyDisclosure cancellationPolicyDisclosure "
        "refundRefusalExplanation uncategorizedText"
    ).split()
    body = {"evidence": dict.fromkeys(names, "\u0645" * 20000), "reason": "The visit took place."}
    data = json.dumps(body, ensure_ascii=False).encode()
    asked: dict[str, Any] = {"data": data, "content_type": "application/json", "token": admin}
    assert door.call("POST", f"{PATH}/evidence", **asked).status_code == 200
    asked["data"] = b" " * (513 * 1024)
    assert door.call("POST", f"{PATH}/evidence", **asked).status_code == 413


def test_a_webhook_is_replayed_with_a_reason(door: Door, trail: NotedTrail, admin: str) -> None:
    """promise D4: written down before it is asked for."""
    door.services.answers["payment.replay_webhook"] = lambda _: disputes.webhook("waiting")
    path = f"admin/webhooks/{disputes.EVENT}/replay"
    assert door.call("POST", path, json={}, token=admin).status_code == 422
    answer = door.call("POST", path, json={"reason": "Stripe was away."}, token=admin)
    assert answer.status_code == 200, answer.data
    assert [ask.object_id for ask in trail.asks] == [disputes.EVENT]


def test_nobody_else_sees_any(door: Door) -> None:
    for path in ("admin/disputes", PATH, f"{PATH}/evidence", "admin/webhooks"):
        assert door.call("GET", path, token=door.token()).status_code == 403
