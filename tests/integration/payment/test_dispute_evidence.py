"""What administrators see of disputes, and evidence that goes to Stripe once."""

from typing import Any

import pytest
from sqlalchemy import Engine

from services.payment.domain.disputes import DisputeStatus
from services.payment.usecases.desk import Desk
from services.payment.usecases.inspect_disputes import get_dispute, list_disputes
from services.payment.usecases.submit_evidence import submit_evidence
from shared.contracts.declaration import Caller, read, write
from shared.contracts.payment_disputes import (
    GET_DISPUTE,
    LIST_DISPUTES,
    SUBMIT_DISPUTE_EVIDENCE,
    dispute_closed,
    evidence_refused,
)
from shared.errors import ServiceError, idempotency_key_reused, not_found, outcome_unknown
from shared.ids import new_id
from tests.integration.payment.bookings import Bookings
from tests.integration.payment.disputing import disputed, say
from tests.integration.payment.paying import pay
from tests.integration.payment.records import rows
from tests.integration.payment.ruling import ADMIN
from tests.integration.payment.scripted_provider import ScriptedProvider


def command(dispute_id: str, key: str = "a-key", **more: Any) -> dict[str, Any]:
    asked = {
        "dispute_id": dispute_id,
        "evidence": {"service_date": "2027-01-15 10:00", "uncategorized_text": "The visit took place."},
        "reason": "It took place.",
        "idempotency_key": key,
    }
    return read(SUBMIT_DISPUTE_EVIDENCE.request, asked | more)


def refused(desk: Desk, asked: dict[str, Any], caller: Caller = ADMIN) -> ServiceError:
    with pytest.raises(ServiceError) as refusal:
        submit_evidence(desk, asked, caller)
    return refusal.value


def test_evidence_goes_to_stripe_once(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11, rules M14 and W7: no answer came, and so nobody may say that it was refused (the audit
    believes this word); the repeat goes on under the same key."""
    dispute_id = disputed(paying, owner, scripted, pay(paying, bookings.hold())["payment_id"], 10000)
    scripted.disputes.answers = False
    assert outcome_unknown.matches(refused(paying, command(dispute_id)))
    scripted.disputes.answers = True
    for _ in range(2):
        answer = write(SUBMIT_DISPUTE_EVIDENCE.answer, submit_evidence(paying, command(dispute_id), ADMIN))
    assert (answer["dispute_status"], answer["submissions"]) == ("under_review", 1)
    [sent] = scripted.disputes.evidence.values()
    told = {"service_date": "2027-01-15 10:00", "uncategorized_text": "The visit took place."}
    assert sent == {"evidence": told, "submit": True}
    assert idempotency_key_reused.matches(refused(paying, command(dispute_id, submit=False)))


def test_what_stripe_refuses_is_told(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    dispute_id = disputed(paying, owner, scripted, pay(paying, bookings.hold())["payment_id"], 10000)
    scripted.disputes.refusal = "parameter_invalid_string_empty"
    for _ in range(2):
        error = refused(paying, command(dispute_id))
        assert evidence_refused.matches(error)
        assert error.details["reason"] == "parameter_invalid_string_empty"
    assert scripted.disputes.evidence == {}


def test_a_decided_dispute_takes_none(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    dispute_id = disputed(paying, owner, scripted, pay(paying, bookings.hold())["payment_id"], 10000)
    say(paying, owner, scripted, dispute_id, DisputeStatus.LOST)
    assert dispute_closed.matches(refused(paying, command(dispute_id)))
    assert rows(owner, "SELECT 1 FROM payment_op WHERE op = 'submit_evidence'") == []


def test_disputes_are_for_administrators(
    paying: Desk, bookings: Bookings, scripted: ScriptedProvider, owner: Engine
) -> None:
    """promise D11: listed newest first, or only the open ones; nobody else finds any."""
    ids = [
        disputed(paying, owner, scripted, pay(paying, bookings.hold())["payment_id"], 10000) for _ in range(3)
    ]
    say(paying, owner, scripted, ids[0], DisputeStatus.WON)
    first = list_disputes(paying, {"only_open": True, "limit": 1, "cursor": None}, ADMIN)
    write(LIST_DISPUTES.answer, first)
    second = list_disputes(paying, {"only_open": True, "limit": 1, "cursor": first["next"]}, ADMIN)
    found = [one["dispute_id"] for page in (first, second) for one in page["disputes"]]
    assert sorted(found) == sorted(ids[1:])
    assert second["next"] is None
    detail = write(GET_DISPUTE.answer, get_dispute(paying, ids[0], ADMIN))
    assert [one["taken"]["amount"] for one in detail["movements"]] == [10000, -10000]
    assert {one["operation"] for one in detail["requests"]} == {"reverse_transfer", "return_transfer"}
    stranger = Caller(user_id=new_id())
    assert not_found.matches(refused(paying, command(ids[1]), stranger))
    with pytest.raises(ServiceError):
        get_dispute(paying, ids[0], stranger)
