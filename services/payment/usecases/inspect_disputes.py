"""What administrators see of disputes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.payment.store import disputes, operations, payments
from services.payment.store.rows import Dispute, Operation
from services.payment.usecases.administrator import administrator_of
from services.payment.usecases.desk import Desk
from services.payment.usecases.dispute_views import dispute_view, movement_view
from shared.contracts.declaration import Caller
from shared.cursors import Name, read_cursor, write_cursor

PLACE = (datetime, Name)


def list_disputes(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Disputes of everybody, newest first (DisputesSchema). Raises `not_found`, `cursor_invalid`."""
    administrator_of(caller)
    query = ("list_disputes", request["only_open"])
    cursor, limit = request["cursor"], request["limit"]
    before = None if cursor is None else read_cursor(cursor, query, PLACE)
    with desk.reading() as connection:
        found = disputes.page(connection, only_open=request["only_open"], before=before, limit=limit + 1)
        page = found[:limit]
        of = payments.by_ids(connection, {one.payment_id for one in page})
    following = write_cursor(query, (page[-1].opened_at, page[-1].id)) if len(found) > limit else None
    return {"disputes": [dispute_view(one, of[one.payment_id]) for one in page], "next": following}


def get_dispute(desk: Desk, dispute_id: str, caller: Caller) -> dict[str, Any]:
    """One dispute with its money and what was asked of Stripe (DisputeDetailSchema). Raises `not_found`."""
    administrator_of(caller)
    with desk.reading() as connection:
        return detail_view(connection, disputes.by_id(connection, dispute_id))


def detail_view(connection: Connection, dispute: Dispute) -> dict[str, Any]:
    """DisputeDetailSchema."""
    others = disputes.of_payment(connection, dispute.payment_id)
    return dispute_view(dispute, payments.by_id(connection, dispute.payment_id)) | {
        "movements": [movement_view(one) for one in disputes.movements_of(connection, dispute)],
        "requests": [_request_view(one) for one in operations.of_dispute(connection, dispute.id)],
        "other_dispute_ids": [one.id for one in others if one.id != dispute.id],
    }


def _request_view(operation: Operation) -> dict[str, Any]:
    return {
        "operation": operation.op,
        "state": operation.state,
        "error_code": operation.error_code,
        "params": operation.params,
        "asked_at": operation.created_at,
    }
