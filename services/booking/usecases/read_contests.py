"""What administrators see of contested no-shows: those that wait for them (rule B6)."""

from datetime import datetime
from typing import Any

from services.booking.store.contests import OpenContest, open_contests
from services.booking.usecases.viewers import view_for
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.database.transaction import Transaction
from shared.errors import not_found

QUERY = ("list_open_contests",)


def list_open_contests(transaction: Transaction, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """OpenContestsSchema, the longest missed first. Raises `not_found` for all others, `cursor_invalid`."""
    if not caller.is_admin:
        raise not_found()
    limit = request["limit"]
    after = _after(request["cursor"])
    with transaction() as connection:
        found = open_contests(connection, limit + 1, after)
    page = found[:limit]
    return {
        "contests": [_view(one, caller) for one in page],
        "next": write_cursor(QUERY, page[-1].place) if len(found) > limit else None,
    }


def _view(one: OpenContest, caller: Caller) -> dict[str, Any]:
    return {
        "booking": view_for(one.booking, caller),
        "contested_at": one.contested_at,
        "reason": one.reason,
    }


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    contest_until, booking_id = read_cursor(cursor, QUERY, (datetime, str))
    return contest_until, booking_id
