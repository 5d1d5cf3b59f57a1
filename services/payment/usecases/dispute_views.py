"""Disputes as others see them: events, and what an administrator is shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.payment.domain.disputes import DisputeMovement
from services.payment.store import payments
from services.payment.store.rows import Dispute, Payment
from services.payment.usecases.views import payment_event
from shared.contracts import payment as contract
from shared.messages import outbox
from shared.money import Money


def tell_disputed(connection: Connection, payment: Payment, dispute: Dispute, now: datetime) -> None:
    """Everyone hears of a dispute once, when it is first seen. The payment is locked."""
    changed = payments.change(connection, payment, {}, now)
    event = payment_event(contract.PAYMENT_DISPUTED, changed, _facts(dispute), now)
    outbox.append(connection, event)


def tell_closed(connection: Connection, payment: Payment, dispute: Dispute, now: datetime) -> None:
    """And of its end. The payment is locked."""
    changed = payments.change(connection, payments.by_id(connection, payment.id), {}, now)
    loss = dispute.loss
    more = {"lost": loss.total.to_wire(), "provider_bears": loss.parts.borne_by_provider.to_wire()}
    event = payment_event(contract.PAYMENT_DISPUTE_CLOSED, changed, _facts(dispute) | more, now)
    outbox.append(connection, event)


def dispute_view(dispute: Dispute, payment: Payment) -> dict[str, Any]:
    """DisputeRecordSchema."""
    loss = dispute.loss
    return _facts(dispute) | {
        "payment_id": payment.id,
        "booking_id": payment.booking_id,
        "customer_id": payment.customer_id,
        "provider_id": payment.provider_id,
        "is_charge_refundable": dispute.is_charge_refundable,
        "has_evidence": dispute.has_evidence,
        "submissions": dispute.submissions,
        "opened_at": dispute.opened_at,
        "closed_at": dispute.closed_at,
        "lost": loss.total.to_wire(),
        "provider_bears": loss.parts.borne_by_provider.to_wire(),
        "commission_lost": loss.parts.commission.to_wire(),
        "platform_loss": loss.excess.to_wire(),
        "simulated": payment.simulated,
    }


def movement_view(movement: DisputeMovement) -> dict[str, Any]:
    """DisputeMovementSchema."""
    return {
        "reference": movement.id,
        "taken": movement.taken.to_wire(),
        "fee": movement.fee.to_wire(),
    }


def _facts(dispute: Dispute) -> dict[str, Any]:
    return {
        "dispute_id": dispute.id,
        "disputed": Money(dispute.amount, dispute.currency).to_wire(),
        "reason": dispute.reason,
        "dispute_status": dispute.status.value,
        "evidence_due_by": dispute.evidence_due_by,
    }
