"""A person's own inbox: reading it, and noting what was read (rule B11)."""

from datetime import datetime
from typing import Any

from services.notify.store import notifications
from services.notify.store.notifications import Notification, Place
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.database.transaction import Transaction, read_app_now
from shared.errors import not_found
from shared.ids import is_id


def list_notifications(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """NotificationsSchema: the caller's own entries, newest first. Raises `cursor_invalid`."""
    person_id, limit = _person(caller), request["limit"]
    query = ("list_notifications", person_id, request["unread_only"])
    after = _after(request["cursor"], query)
    with transaction() as connection:
        found = notifications.newest(
            connection, person_id, limit + 1, after=after, unread_only=request["unread_only"]
        )
        unread = notifications.count_unread(connection, person_id)
    page = found[:limit]
    return {
        "notifications": [_view(entry) for entry in page],
        "unread": unread,
        "next": write_cursor(query, page[-1].place) if len(found) > limit else None,
    }


def mark_read(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """MarkReadAnswerSchema. Another's entries are left alone; repeating changes nothing."""
    person_id = _person(caller)
    with transaction() as connection:
        now = read_app_now(connection)
        notifications.mark_read(connection, person_id, request["notification_ids"], now)
        return {"unread": notifications.count_unread(connection, person_id)}


def _person(caller: Caller) -> str:
    """Strangers have no inbox: `not_found`."""
    if not is_id(caller.user_id):
        raise not_found()
    return caller.user_id


def _view(entry: Notification) -> dict[str, Any]:
    return {
        "notification_id": entry.id,
        "kind": entry.kind,
        "booking_id": entry.booking_id,
        "provider_id": entry.provider_id,
        "text": {"en": entry.text_en, "ar": entry.text_ar},
        "starts_at": entry.starts_at,
        "read": entry.read_at is not None,
        "created_at": entry.created_at,
    }


def _after(cursor: str | None, query: tuple[object, ...]) -> Place | None:
    if not cursor:
        return None
    created_at, notification_id = read_cursor(cursor, query, (datetime, str))
    return created_at, notification_id
