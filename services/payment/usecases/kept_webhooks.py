"""Webhooks that are kept, for administrators: what became of each, and working one again (promise D4)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.payment.store import webhook_events, webhook_list
from services.payment.usecases.administrator import administrator_of
from services.payment.usecases.desk import Desk
from shared.contracts.declaration import Caller
from shared.contracts.payment_disputes import REPLAY_WEBHOOK, webhook_not_worked
from shared.cursors import Name, read_cursor, write_cursor
from shared.database.idempotency import IdempotentRequest, run_once
from shared.database.transaction import read_app_now

PLACE = (datetime, Name)


def list_webhooks(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Newest first, of one outcome or all (WebhooksSchema). Raises `not_found`, `cursor_invalid`."""
    administrator_of(caller)
    query = ("list_webhooks", request["outcome"])
    cursor, limit = request["cursor"], request["limit"]
    before = None if cursor is None else read_cursor(cursor, query, PLACE)
    with desk.reading() as connection:
        found = webhook_list.page(connection, request["outcome"], before, limit + 1)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    following = write_cursor(query, (last["received_at"], last["event_id"])) if last else None
    return {"webhooks": page, "next": following}


def replay_webhook(desk: Desk, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Let a job work a webhook again, once per key (WebhookRecordSchema): it looks at the object as it is
    now, so that a repeat can do no harm. Raises `not_found`, `webhook_not_worked`."""
    administrator_of(caller)
    key = IdempotentRequest.of(REPLAY_WEBHOOK, caller, request)
    with desk.transaction() as connection:
        return run_once(connection, key, lambda: _replay(connection, request["event_id"]))


def _replay(connection: Connection, event_id: str) -> dict[str, Any]:
    event = webhook_events.by_id(connection, event_id)
    if not event.is_worked:
        raise webhook_not_worked(event_id=event_id, type=event.type)
    webhook_list.begin_anew(connection, event_id, read_app_now(connection))
    return webhook_list.one(connection, event_id)
