"""Disputes and kept webhooks at the door: what is gathered, what is handed on, what stands in the audit."""

import pytest

from tests.contract import disputes, refunds, values
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
    assert found["missing"] == ["check_in", "messages"]
    assert "% when cancelled" in found["proposed"]["refundPolicyDisclosure"]
    assert found["history"]["changes"][0]["toState"] == "pending"


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
