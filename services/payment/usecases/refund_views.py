"""A refund and its preview as administrators see them."""

import hashlib
import json
from typing import Any

from services.payment.domain.document_numbers import DocumentNumber
from services.payment.domain.refund_previews import RefundPreview
from services.payment.domain.refunds import RefundParts, RefundStatus
from services.payment.store.rows import Payment, Refund


def refund_view(
    payment: Payment, refund: Refund, credit_note: DocumentNumber | None = None
) -> dict[str, Any]:
    """RefundRecordSchema; `credit_note` from the moment that it was accepted."""
    return _amounts(refund.parts(payment.currency)) | {
        "refund_id": refund.id,
        "payment_id": payment.id,
        "booking_id": payment.booking_id,
        "provider_id": payment.provider_id,
        "customer_id": payment.customer_id,
        "state": refund.status.value,
        "attempt": refund.attempt,
        "reverses_transfer": refund.reverses_transfer,
        "failure_code": refund.failure_code,
        "cause": refund.cause,
        "reason": refund.reason,
        "requested_by": refund.requested_by,
        "provider_refund_id": refund.provider_refund_id,
        "credit_note_number": str(credit_note) if credit_note else None,
        "created_at": refund.created_at,
        "updated_at": refund.updated_at,
    }


def customers_refund_view(
    payment: Payment, refund: Refund, credit_note: DocumentNumber | None
) -> dict[str, Any]:
    """CustomersRefundSchema: what is owed counts as on its way, whatever holds it up."""
    is_told = refund.status in (RefundStatus.SUCCEEDED, RefundStatus.FAILED)
    return {
        "refund_id": refund.id,
        "amount": refund.parts(payment.currency).total.to_wire(),
        "status": (refund.status if is_told else RefundStatus.PENDING).value,
        "credit_note_number": str(credit_note) if credit_note else None,
        "created_at": refund.created_at,
    }


def preview_view(preview: RefundPreview) -> dict[str, Any]:
    """RefundPreviewSchema."""
    left = preview.left
    return _amounts(preview.parts) | {
        "preview_id": preview_id(preview),
        "payment_id": preview.payment_id,
        "booking_id": preview.booking_id,
        "left": left.total.to_wire(),
        "left_service": left.service.to_wire(),
        "left_tip": left.tip.to_wire(),
    }


def preview_id(preview: RefundPreview) -> str:
    """A digest of all that is shown.

    Nothing is gained by making one up: the command compares it with what it would do at that moment, and
    does exactly that or nothing.
    """
    parts, left = preview.parts, preview.left
    amounts = [parts.service, parts.tip, parts.commission, left.service, left.tip, left.commission]
    shown = [preview.payment_id, *(str(amount) for amount in amounts)]
    return "rp_" + hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:32]


def _amounts(parts: RefundParts) -> dict[str, Any]:
    return {
        "refund": parts.total.to_wire(),
        "service_refund": parts.service.to_wire(),
        "tip_refund": parts.tip.to_wire(),
        "provider_bears": parts.borne_by_provider.to_wire(),
        "platform_bears": parts.commission.to_wire(),
    }
