"""Disputed payments as tests bring them about and look at them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from services.payment.domain.disputes import DisputeStatus, HoldKind
from services.payment.domain.webhook import WebhookEvent
from services.payment.store import payments
from services.payment.usecases.desk import Desk
from services.payment.usecases.disputes import look_at_dispute
from services.payment.usecases.webhooks import store
from shared.ids import new_id
from shared.money import Money
from tests.integration.payment.records import rows, run_jobs
from tests.integration.payment.scripted_provider import ScriptedProvider


def hear(desk: Desk, owner: Engine, kind: str, object_id: str, intent_id: str) -> str:
    """A webhook has come and was worked."""
    event = WebhookEvent(f"evt_{new_id()}", kind, object_id, intent_id, None, False, None, datetime.now(UTC))
    with desk.transaction() as connection:
        store(connection, event)
    for _ in range(2):
        run_jobs(desk, owner)
    return event.event_id


def intent_of(owner: Engine, payment_id: str) -> str:
    return str(rows(owner, "SELECT intent_id FROM payment WHERE id = :id", id=payment_id)[0]["intent_id"])


def disputed(
    desk: Desk,
    owner: Engine,
    provider: ScriptedProvider,
    payment_id: str,
    amount: int,
    status: DisputeStatus = DisputeStatus.NEEDS_RESPONSE,
    *,
    refundable: bool = False,
) -> str:
    """The bank disputes so much of a payment, and we have heard of it."""
    intent_id = intent_of(owner, payment_id)
    currency = str(rows(owner, "SELECT currency FROM payment WHERE id = :id", id=payment_id)[0]["currency"])
    money = Money(amount, currency)
    dispute_id = provider.disputes.dispute_charge(intent_id, money, status, refundable=refundable)
    hear(desk, owner, "charge.dispute.created", dispute_id, intent_id)
    return dispute_id


def say(
    desk: Desk, owner: Engine, provider: ScriptedProvider, dispute_id: str, status: DisputeStatus
) -> None:
    """The bank goes on, and we hear of it."""
    provider.disputes.say(dispute_id, status)
    hear(desk, owner, "charge.dispute.closed", dispute_id, provider.disputes.seen[dispute_id].intent_id or "")


def warn(desk: Desk, owner: Engine, provider: ScriptedProvider, payment_id: str, kind: HoldKind) -> str:
    intent_id = intent_of(owner, payment_id)
    hold_id = provider.disputes.warn(intent_id, kind)
    word = "review.opened" if kind is HoldKind.REVIEW else "radar.early_fraud_warning.created"
    hear(desk, owner, word, hold_id, intent_id)
    return hold_id


def look(desk: Desk, owner: Engine, dispute_id: str) -> None:
    found = rows(owner, "SELECT payment_id FROM dispute WHERE id = :id", id=dispute_id)[0]
    with desk.transaction() as connection:
        payment = payments.by_id(connection, str(found["payment_id"]))
    look_at_dispute(desk, payment, dispute_id)


def dispute_row(owner: Engine, dispute_id: str) -> dict[str, Any]:
    return rows(owner, "SELECT * FROM dispute WHERE id = :id", id=dispute_id)[0]
