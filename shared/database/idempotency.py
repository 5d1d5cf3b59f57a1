"""A command that is sent twice is done once: key, fingerprint and answer live beside the effect."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared import clock
from shared.contracts.declaration import Caller, RpcMethod, read, write
from shared.database import schema
from shared.database.batches import delete_some
from shared.database.kept_plans import kept
from shared.database.session import send_with_next, unread
from shared.errors import idempotency_key_reused, request_in_progress

KEY_MEMBER = "idempotency_key"
"""The member of every command's request that carries the caller's key."""


def idempotency_table(metadata: MetaData) -> Table:
    """The table of answered commands; the service's migration makes it with `table_sql`."""
    return Table(
        "idempotency",
        metadata,
        Column("caller", String, nullable=False),
        Column("method", String, nullable=False),
        Column("key", String, nullable=False),
        Column("fingerprint", String, nullable=False),
        Column("answer", JSONB, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.app_now()),
        PrimaryKeyConstraint("caller", "method", "key"),
        Index("ix_idempotency_created_at", "created_at"),
    )


_table = idempotency_table(schema.metadata())

_LOCK = unread(
    "SELECT set_config('care.has_key', pg_try_advisory_xact_lock(%(number)s)::text, true)", number="bigint"
)
# A statement of its own: its snapshot must be younger than the lock.
_STORED = kept(
    text("""
SELECT current_setting('care.has_key')::boolean AS has_key, stored.fingerprint, stored.answer
FROM (VALUES (1)) AS one LEFT JOIN idempotency AS stored
    ON stored.caller = :caller AND stored.method = :method AND stored.key = :key
"""),
    **dict.fromkeys(("caller", "method", "key"), "text"),
)
_STORE = unread(
    """
INSERT INTO idempotency (caller, method, key, fingerprint, answer)
VALUES (%(caller)s, %(method)s, %(key)s, %(fingerprint)s, %(answer)s)
""",
    **dict.fromkeys(("caller", "method", "key", "fingerprint"), "text"),
    answer="jsonb",
)


def table_sql(service: str) -> list[str]:
    """Statements for the migration that introduces the table, with the app role's rights."""
    return [
        """
        CREATE TABLE idempotency (
            caller varchar NOT NULL,
            method varchar NOT NULL,
            key varchar NOT NULL,
            fingerprint varchar NOT NULL,
            answer jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT app_now(),
            CONSTRAINT pk_idempotency PRIMARY KEY (caller, method, key)
        )
        """,
        "CREATE INDEX ix_idempotency_created_at ON idempotency (created_at)",
        *schema.grants_sql(service, [("idempotency", "SELECT, INSERT, DELETE")]),
    ]


@dataclass(frozen=True)
class IdempotentRequest:
    """Which command this is: who asks for what under which key, and the request's fingerprint."""

    caller: str
    method: RpcMethod
    key: str
    fingerprint: str

    @classmethod
    def of(cls, method: RpcMethod, caller: Caller, request: Mapping[str, Any]) -> Self:
        """From a request that the contract has read; it has the member `idempotency_key`."""
        return cls(caller.user_id, method, str(request[KEY_MEMBER]), fingerprint(request))

    @property
    def lock_number(self) -> int:
        """A signed 64-bit number for PostgreSQL's advisory locks."""
        text = json.dumps([self.caller, self.method.full_name, self.key])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def fingerprint(request: Mapping[str, Any]) -> str:
    """SHA-256 of the request's canonical JSON without its key.

    Members that are null count as absent: a release that adds an optional member must read the
    same fingerprint from a request that its predecessor stored.
    """
    content = {name: value for name, value in request.items() if name != KEY_MEMBER}
    text = json.dumps(_without_null(content), sort_keys=True, separators=(",", ":"), default=_text)
    return hashlib.sha256(text.encode()).hexdigest()


def run_once(
    connection: Connection, request: IdempotentRequest, work: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do `work` in this transaction, or answer what it answered before.

    `work` answers values as the method's contract states them (instants as datetimes). What it
    raises rolls the transaction back, so that a refusal is not stored. Raises
    `request_in_progress` while another transaction works under this key, and
    `idempotency_key_reused` when the key belongs to another request.
    """
    of_request = {"caller": request.caller, "method": request.method.full_name, "key": request.key}
    send_with_next(connection, _LOCK, {"number": request.lock_number})
    stored = connection.execute(_STORED, of_request).one()
    if not stored.has_key:
        raise request_in_progress()
    if stored.fingerprint is not None:
        if stored.fingerprint != request.fingerprint:
            raise idempotency_key_reused()
        return read(request.method.answer, stored.answer)
    answer = work()
    written = json.dumps(write(request.method.answer, answer))
    send_with_next(connection, _STORE, {**of_request, "fingerprint": request.fingerprint, "answer": written})
    return answer


def forget_before(connection: Connection, instant: datetime) -> int:
    """Delete some answers stored before `instant`; returns how many (`shared.database.batches`).

    A repeat after that runs anew.
    """
    return delete_some(connection, _table, _table.c.created_at < instant)


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_null(item) for item in value]
    return value


def _text(value: Any) -> str:
    return clock.to_text(value) if isinstance(value, datetime) else str(value)
