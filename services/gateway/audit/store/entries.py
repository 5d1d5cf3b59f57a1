"""Adding to the audit and reading it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, tuple_

from services.gateway.accounts.store.tables import account
from services.gateway.audit.store.tables import audit_entry
from shared import clock
from shared.ids import new_id


class Outcome(StrEnum):
    """`asked`: written before the command is sent. `unknown`: no answer came; it may have been done."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row to be added: who, from where, does what with which object, and why. `content`: what is asked,
    or what came of it; no secrets."""

    outcome: Outcome
    actor_id: str
    client_address: str
    action: str
    object_kind: str
    object_id: str
    reason: str | None
    content: Mapping[str, Any]
    request_id: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which asks are wanted; None: all. `until` is not included."""

    actor_id: str | None = None
    action: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


Place = tuple[datetime, str]
"""Where an entry stands in the order of the list: when it was written, and its id."""

_ask, _end = audit_entry.alias("ask"), audit_entry.alias("ending")
_LISTED = (
    _ask.c.id.label("entry_id"),
    _ask.c.written_at.label("asked_at"),
    _ask.c.actor_id,
    account.c.name.label("actor_name"),
    _ask.c.client_address,
    _ask.c.action,
    _ask.c.object_kind,
    _ask.c.object_id,
    _ask.c.reason,
    _ask.c.content.label("request"),
    _ask.c.request_id,
    _end.c.outcome,
    _end.c.written_at.label("ended_at"),
    _end.c.content.label("result"),
)


def add(connection: Connection, entry: Entry, ask_id: str | None = None) -> str:
    """Add a row and return its id; the outcome of an ask names it by `ask_id`."""
    entry_id = new_id()
    values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    values["content"] = json.loads(json.dumps(entry.content, default=_text))
    connection.execute(insert(audit_entry).values(id=entry_id, ask_id=ask_id, **values))
    return entry_id


def page(connection: Connection, wanted: Filter, before: Place | None, limit: int) -> list[dict[str, Any]]:
    """Asks with what came of each, newest first; `outcome` is `asked` where nothing was written since."""
    query = (
        select(*_LISTED)
        .select_from(
            _ask.outerjoin(_end, _end.c.ask_id == _ask.c.id).outerjoin(
                account, account.c.id == _ask.c.actor_id
            )
        )
        .where(_ask.c.ask_id.is_(None))
        .order_by(_ask.c.written_at.desc(), _ask.c.id.desc())
        .limit(limit)
    )
    for name in ("actor_id", "action", "object_id"):
        if getattr(wanted, name) is not None:
            query = query.where(_ask.c[name] == getattr(wanted, name))
    if wanted.since is not None:
        query = query.where(_ask.c.written_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(_ask.c.written_at < wanted.until)
    if before is not None:
        query = query.where(tuple_(_ask.c.written_at, _ask.c.id) < before)
    return [_listed(dict(row._mapping)) for row in connection.execute(query)]


def _text(value: Any) -> str:
    """Instants and decimals, as they are on the wire."""
    return clock.to_text(value) if isinstance(value, datetime) else str(value)


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"outcome": row["outcome"] or Outcome.ASKED.value}
