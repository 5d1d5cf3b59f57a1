"""Shows who has changed a provider's supply, when, and why (rule C12)."""

from datetime import datetime
from typing import Any

from services.booking.domain.states import Actor
from services.booking.store.supply_history import KeptChange, changes_of
from services.booking.usecases.supply_rights import check_may_look_back
from shared.contracts.declaration import Caller
from shared.cursors import read_cursor, write_cursor
from shared.database.transaction import Transaction

Object = dict[str, Any]


def list_supply_changes(transaction: Transaction, request: Object, caller: Caller) -> Object:
    """SupplyChangesSchema, the last first. Raises what `check_may_look_back` raises, and `cursor_invalid`."""
    provider_id, limit = request["provider_id"], request["limit"]
    check_may_look_back(caller, provider_id)
    query = ("list_supply_changes", provider_id)
    after = None
    if request["cursor"]:
        instant, change_id = read_cursor(request["cursor"], query, (datetime, str))
        after = (instant, change_id)
    with transaction() as connection:
        found = changes_of(connection, provider_id, limit + 1, after)
    page = found[:limit]
    behind = (page[-1].at, page[-1].change_id) if len(found) > limit else None
    return {
        "changes": [_view(one, caller) for one in page],
        "next": write_cursor(query, behind) if behind else None,
    }


def _view(change: KeptChange, caller: Caller) -> Object:
    is_hidden = change.actor is Actor.ADMIN and not caller.is_admin
    return {
        "command": change.command,
        "changed_id": change.changed_id,
        "stranded": change.stranded,
        "actor": change.actor.value,
        "actor_id": None if is_hidden else change.actor_id,
        "reason": change.reason,
        "at": change.at,
    }
